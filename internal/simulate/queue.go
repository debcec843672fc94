package simulate

import (
	"cmp"
	"slices"
	"time"
)

// queue holds the enrolments of a mailbox that wait for a step, in the order in
// which the engine looks at them: by the time at which they are due, then by
// number.
type queue struct{ all []*enrolment }

func order(a, b *enrolment) int {
	return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.ID, b.ID))
}

func (q *queue) add(e *enrolment) {
	at, _ := slices.BinarySearchFunc(q.all, e, order)
	q.all = slices.Insert(q.all, at, e)
}

func (q *queue) remove(e *enrolment) {
	if at, found := slices.BinarySearchFunc(q.all, e, order); found {
		q.all = slices.Delete(q.all, at, at+1)
	}
}

// dueBy counts those that are due.
func (q *queue) dueBy(now time.Time) int {
	n, _ := slices.BinarySearchFunc(q.all, now, func(e *enrolment, now time.Time) int {
		if e.due.After(now) {
			return 1
		}
		return -1
	})
	return n
}

// first is when the first of them is due; false: the queue is empty.
func (q *queue) first() (time.Time, bool) {
	if len(q.all) == 0 {
		return time.Time{}, false
	}
	return q.all[0].due, true
}

// postpone moves all that are due to a later moment, those that match.
func (q *queue) postpone(now, until time.Time, match func(*enrolment) bool) {
	n := q.dueBy(now)
	var moved, kept []*enrolment
	for _, e := range q.all[:n] {
		if match(e) {
			moved = append(moved, e)
		} else {
			kept = append(kept, e)
		}
	}
	q.all = append(kept, q.all[n:]...)
	for _, e := range moved {
		e.due = until
	}
	q.merge(moved)
}

// merge adds many at a time.
func (q *queue) merge(more []*enrolment) {
	q.all = append(q.all, more...)
	slices.SortFunc(q.all, order)
}
