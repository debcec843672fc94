package mailworld

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// event is a reaction that will happen.
type event struct {
	at       time.Time // sales time
	number   int       // the order of scheduling: decides among events of one moment
	lead     string
	name     string
	reaction Reaction
	mail     Accept
	original []byte // the raw mail that it is about
}

// eventQueue is a heap by time.
type eventQueue []event

// Len, Less, Swap, Push and Pop make it a heap.Interface.
func (q eventQueue) Len() int { return len(q) }

// Less puts the earlier first.
func (q eventQueue) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].number < q[j].number
	}
	return q[i].at.Before(q[j].at)
}

// Swap exchanges two events.
func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push adds an event at the end.
func (q *eventQueue) Push(x any) { *q = append(*q, x.(event)) }

// Pop takes the last event away.
func (q *eventQueue) Pop() any {
	last := len(*q) - 1
	popped := (*q)[last]
	(*q)[last] = event{}
	*q = (*q)[:last]
	return popped
}

// schedule plans the reactions to a mail that was just accepted. The world's
// lock is held.
func (w *World) schedule(mail Accept, raw []byte) {
	lead, scripted := w.options.Script[outreach.AddressKey(mail.To)]
	if !scripted {
		return
	}
	key := outreach.AddressKey(mail.To)
	w.heard[key]++
	for _, reaction := range lead.Reactions {
		if reaction.To != w.heard[key] || reaction.Kind == RefuseAtSMTP {
			continue
		}
		w.events++
		heap.Push(&w.queue, event{
			at: reaction.moment(mail.At), number: w.events, lead: mail.To, name: lead.Name,
			reaction: reaction, mail: mail, original: raw,
		})
	}
}

// moment is when a reaction to a mail of sent happens. People do not answer on
// a weekend; machines do.
func (r Reaction) moment(sent time.Time) time.Time {
	at := sent.Add(r.After)
	for r.Kind == Human && (at.Weekday() == time.Saturday || at.Weekday() == time.Sunday) {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// NextEvent is when the next lead reacts; false: none will without a further
// mail.
func (w *World) NextEvent() (time.Time, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		return time.Time{}, false
	}
	return w.queue[0].at, true
}

// Quiet tells that nothing is on its way: no mail is coming in and no reaction
// is due at the clock's time or being carried out.
func (w *World) Quiet() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	due := len(w.queue) > 0 && !w.queue[0].at.After(w.options.Clock.Now())
	return !due && w.acting == 0 && w.OpenDialogues() == 0
}

// Advance carries out all reactions that are due at now, in their order. Each
// is dated at its own time. It gives all errors; a failed reaction is over.
func (w *World) Advance(ctx context.Context, now time.Time) error {
	var errs []error
	for {
		next, due := w.take(now)
		if !due {
			return errors.Join(errs...)
		}
		if err := w.react(ctx, next); err != nil {
			errs = append(errs, fmt.Errorf("mail world: %s to mail %d: %w", next.reaction.Kind, next.mail.Seq, err))
		}
		w.mu.Lock()
		w.acting--
		w.mu.Unlock()
	}
}

func (w *World) take(now time.Time) (event, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 || w.queue[0].at.After(now) {
		return event{}, false
	}
	w.acting++
	return heap.Pop(&w.queue).(event), true
}
