package reconcile_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
	"drumbeat/internal/reconcile"
)

// book is a ledger and a place outside of it.
type book struct {
	mark   outreach.Mark // of the ledger
	kept   *outreach.Mark
	hold   outreach.Hold
	broken bool // the place outside
}

func (b *book) Watermark(context.Context, string) (outreach.Mark, error) { return b.mark, nil }
func (b *book) Hold(context.Context) (outreach.Hold, error)              { return b.hold, nil }
func (b *book) HoldAll(_ context.Context, hold outreach.Hold) (bool, error) {
	if b.hold.Held() {
		return false, nil
	}
	b.hold = hold
	return true, nil
}

var errAway = errors.New("away")

func (b *book) Kept(context.Context) (outreach.Mark, bool, error) {
	if b.broken {
		return outreach.Mark{}, false, errAway
	}
	if b.kept == nil {
		return outreach.Mark{}, false, nil
	}
	return *b.kept, true, nil
}
func (b *book) Keep(_ context.Context, mark outreach.Mark) error {
	if b.broken {
		return errAway
	}
	b.kept = &mark
	return nil
}

func guard(b *book) *reconcile.Guard {
	return &reconcile.Guard{
		Process: "p1", Ledger: b, Keepers: []reconcile.MarkKeeper{b}, Logger: slog.New(slog.DiscardHandler),
		Clock: clock.NewStepped(time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)),
	}
}

func TestAllSendingIsHeldExactlyWhenTheLedgerIsBehindItsMark(t *testing.T) {
	for name, test := range map[string]struct {
		ledger outreach.Mark
		kept   *outreach.Mark
		broken bool
		held   bool
	}{
		"no mark: a new installation":         {ledger: outreach.Mark{Seq: 1}},
		"no mark, a ledger with mails":        {ledger: outreach.Mark{Seq: 500}},
		"the ledger has gone on":              {ledger: outreach.Mark{Seq: 500}, kept: &outreach.Mark{Seq: 499}},
		"the ledger is where it was":          {ledger: outreach.Mark{Seq: 500}, kept: &outreach.Mark{Seq: 500}},
		"the ledger has forgotten a mail":     {ledger: outreach.Mark{Seq: 499}, kept: &outreach.Mark{Seq: 500}, held: true},
		"a restore was confirmed since":       {ledger: outreach.Mark{Epoch: 1, Seq: 499}, kept: &outreach.Mark{Seq: 500}},
		"a backup from before a confirmation": {ledger: outreach.Mark{Seq: 900}, kept: &outreach.Mark{Epoch: 1, Seq: 500}, held: true},
		"what is kept cannot be read":         {ledger: outreach.Mark{Seq: 1}, kept: &outreach.Mark{Seq: 500}, broken: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := &book{mark: test.ledger, kept: test.kept, broken: test.broken}
			if err := guard(b).Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			if b.hold.Held() != test.held {
				t.Errorf("held %v: %s", b.hold.Held(), b.hold.Reason)
			}
			if !test.broken && !test.held && *b.kept != test.ledger {
				t.Errorf("kept %+v", b.kept)
			}
			if test.held && *b.kept != *test.kept {
				t.Errorf("the mark was lowered to %+v", b.kept)
			}
		})
	}
}

func TestALedgerThatIsRestoredUnderALivingProcessIsHeld(t *testing.T) {
	b := &book{mark: outreach.Mark{Seq: 500}}
	g := guard(b)
	if err := g.Check(t.Context()); err != nil || b.hold.Held() {
		t.Fatalf("held at first: %v, %v", b.hold, err)
	}
	b.mark.Seq = 400
	if !g.Forgets(b.mark) {
		t.Error("a lease of the restored ledger would be used")
	}
	if kept, err := g.Keep(t.Context()); kept || err != nil || !b.hold.Held() {
		t.Errorf("kept %v, %v; hold %+v", kept, err, b.hold)
	}
}

func TestNotesAreTrimmedOnlyWhenTheMarkIsKeptEverywhere(t *testing.T) {
	b := &book{mark: outreach.Mark{Seq: 1}, broken: true}
	g := guard(b)
	if kept, err := g.Keep(t.Context()); kept || err == nil {
		t.Errorf("kept %v, %v", kept, err)
	}
}
