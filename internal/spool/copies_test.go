package spool_test

import (
	"errors"
	"testing"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/spool"
)

func TestCopiesWaitInTheOrderInWhichTheyWereSentUntilTheyAreRemoved(t *testing.T) {
	copies := spool.Copies{Dir: t.TempDir()}
	if waiting, err := copies.Waiting("dana"); len(waiting) > 0 || err != nil {
		t.Errorf("before the first: %v, %v", waiting, err)
	}
	at := time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)
	must(t, copies.Add("dana", "<b.two@ours.example>", at.Add(time.Second), []byte("two")))
	must(t, copies.Add("dana", "<a.one@ours.example>", at, []byte("one")))
	must(t, copies.Add("mary", "<c@ours.example>", at, []byte("hers")))
	waiting, err := copies.Waiting("dana")
	must(t, err)
	if len(waiting) != 2 || waiting[0].RFCMessageID != "<a.one@ours.example>" || !waiting[0].At.Equal(at) {
		t.Fatalf("waiting: %+v", waiting)
	}
	if raw, err := waiting[0].Raw(); string(raw) != "one" || err != nil {
		t.Errorf("raw %q, %v", raw, err)
	}
	must(t, waiting[0].Remove())
	if waiting, err := copies.Waiting("dana"); len(waiting) != 1 || err != nil {
		t.Errorf("after a removal: %+v, %v", waiting, err)
	}
	if err := copies.Add("dana", "<../../etc@x>", at, nil); !errors.Is(err, outreach.ErrInvalid) {
		t.Errorf("a name that leads elsewhere: %v", err)
	}
}

func TestCopiesOfAMailboxAreFiledByOneAtATime(t *testing.T) {
	copies := spool.Copies{Dir: t.TempDir()}
	must(t, copies.Add("dana", "<a@ours.example>", time.UnixMilli(1), nil))
	unlock, err := copies.Lock("dana")
	must(t, err)
	if second, err := copies.Lock("dana"); second != nil || err != nil {
		t.Errorf("two at once: %v", err)
	}
	unlock()
	if third, err := copies.Lock("dana"); third == nil || err != nil {
		t.Errorf("after the first: %v", err)
	}
}
