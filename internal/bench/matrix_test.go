package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
)

// outcomes are what the mail server does with a mail.
func outcomes() map[string][]mailworld.Fault {
	return map[string][]mailworld.Fault{
		"250":              nil,
		"450 at RCPT":      {{At: mailworld.AtRcpt, Times: 1, Code: 450, Text: "4.2.0 greylisted"}},
		"550 at RCPT":      {{At: mailworld.AtRcpt, Code: 550, Text: "5.1.1 no such user"}},
		"451 at the dot":   {{At: mailworld.AtDot, Times: 1, Code: 451, Text: "4.3.0 later"}},
		"552 at the dot":   {{At: mailworld.AtDot, Code: 552, Text: "5.3.4 too big"}},
		"250 and closed":   {{At: mailworld.AtDot, Ending: mailworld.AnswerClose}},
		"dropped, taken":   {{At: mailworld.AtDot, Ending: mailworld.AcceptDrop}},
		"dropped, refused": {{At: mailworld.AtDot, Times: 1, Ending: mailworld.Drop}},
	}
}

// cell is a process that dies at a point while the server has an outcome in store.
type cell struct {
	name    string
	at      point
	outcome string
	row     outreach.AuditRow
	died    bool
}

// TestAProcessMayDieAtEveryPoint is the matrix: every point of a mail's way at
// which a process may die, against everything that the server may do.
func TestAProcessMayDieAtEveryPoint(t *testing.T) {
	for _, mode := range []struct {
		name         string
		noPipelining bool
		mails        int // in each mailbox; with several, each is opened with the dot of the one before
	}{{"lock-step", true, 1}, {"pipelined", false, 1}, {"chained", false, 3}} {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			n := len(points()) * len(outcomes())
			r := newRig(t, n, n*mode.mails, mailworld.Options{NoPipelining: mode.noPipelining})
			cells := r.play()
			if mode.mails > 1 {
				r.checkDoubt(cells)
				return
			}
			r.check(cells)
		})
	}
}

// play lets every cell's process live and die, and a survivor clear up.
func (r *rig) play() []*cell {
	r.Helper()
	rows := r.firsts()
	var cells []*cell
	var live errgroup.Group
	live.SetLimit(24)
	for _, at := range points() {
		for outcome, faults := range outcomes() {
			c := &cell{name: fmt.Sprintf("dead %s, server: %s", at, outcome), at: at, outcome: outcome, row: rows[len(cells)]}
			cells = append(cells, c)
			r.world.Fault(c.row.Email, faults...)
			sender, m := r.sender(c.name, at)
			live.Go(func() error {
				err := sender.SendDue(context.Background(), c.row.MailboxID)
				if c.died = m.isDead(); err != nil && !c.died {
					return fmt.Errorf("%s: %w", c.name, err)
				}
				return nil
			})
		}
	}
	r.must(live.Wait())
	var dead []string
	for _, c := range cells {
		if c.died {
			dead = append(dead, c.name)
		} else if c.mustDie() {
			r.Errorf("%s: it lived", c.name)
		}
	}
	r.waitQuiet()
	r.age(dead...)
	survivor, _ := r.sender("survivor", never)
	r.goOn(survivor)
	r.waitQuiet()
	return cells
}

// mustDie: a mail that is refused at RCPT has no points behind that.
func (c *cell) mustDie() bool {
	refused := strings.HasSuffix(c.outcome, "at RCPT")
	return !refused || !slices.Contains([]point{onData, onBody, beforeCommit, afterCommit, onDot, afterAnswer}, c.at)
}

// firsts are the mails that go first, one a mailbox.
func (r *rig) firsts() (rows []outreach.AuditRow) {
	seen := map[outreach.MailboxID]bool{}
	for _, row := range r.rows() {
		if !seen[row.MailboxID] {
			rows = append(rows, row)
		}
		seen[row.MailboxID] = true
	}
	return rows
}

// check compares every cell's end with what must be.
func (r *rig) check(cells []*cell) {
	r.Helper()
	accepts := map[string]int{}
	for _, a := range r.world.Accepted() {
		accepts[a.To]++
	}
	ends := map[string]outreach.AuditRow{}
	for _, row := range r.rows() {
		ends[row.Email] = row
	}
	for _, c := range cells {
		end, n := ends[c.row.Email], accepts[c.row.Email]
		if n > 1 {
			r.Errorf("%s: mailed %d times", c.name, n)
		}
		if got, want := verdict(end, n), c.want(); got != want {
			r.Errorf("%s: %s, want %s (row %+v)", c.name, got, want, end)
		}
	}
	if whole := audit(r.rows(), r.world.Accepted(), nil); whole.Duplicates+whole.Lost+whole.Wrong > 0 {
		r.Errorf("audit: %+v", whole)
	}
}

// checkDoubt holds of mailboxes with several mails what must hold of all of them:
// none twice, none lost, and at most one in doubt for a death behind the commit
// point and one for a server that gave no answer.
func (r *rig) checkDoubt(cells []*cell) {
	r.Helper()
	doubts := map[outreach.MailboxID]int{}
	for _, row := range r.rows() {
		if row.WasUnknown {
			doubts[row.MailboxID]++
		}
	}
	for _, c := range cells {
		most := 0
		// Beside the result that is the last, the next mail may have passed its commit point.
		if c.died && slices.Contains([]point{afterCommit, onDot, afterAnswer, afterSettle}, c.at) {
			most++
		}
		if c.outcome == "dropped, taken" || c.outcome == "dropped, refused" {
			most++
		}
		if got := doubts[c.row.MailboxID]; got > most {
			r.Errorf("%s: %d mails in doubt, want at most %d", c.name, got, most)
		}
	}
	if whole := audit(r.rows(), r.world.Accepted(), nil); whole.Duplicates+whole.Lost+whole.Wrong > 0 {
		r.Errorf("audit: %+v", whole)
	}
}

// verdict puts an end into words.
func verdict(end outreach.AuditRow, accepts int) string {
	word := string(end.State)
	if end.WasUnknown {
		word = "unknown"
	}
	if accepts > 0 {
		return word + ", accepted"
	}
	return word + ", not accepted"
}

// want is what must become of a cell. A mail is in doubt only when its process
// died behind the commit point, or when the server gave no answer to the dot.
func (c *cell) want() string {
	refusedEarly := c.outcome == "550 at RCPT"
	switch {
	case refusedEarly:
		return "failed, not accepted"
	case c.died && c.at == afterCommit:
		return "unknown, not accepted"
	case c.died && (c.at == onDot || c.at == afterAnswer):
		switch c.outcome {
		case "451 at the dot", "552 at the dot", "dropped, refused":
			return "unknown, not accepted"
		}
		return "unknown, accepted"
	}
	switch c.outcome {
	case "552 at the dot":
		return "failed, not accepted"
	case "dropped, taken":
		return "unknown, accepted"
	case "dropped, refused":
		return "unknown, not accepted"
	}
	return "sent, accepted"
}
