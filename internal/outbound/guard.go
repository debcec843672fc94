package outbound

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
	"drumbeat/internal/policy"
	"drumbeat/internal/sequence"
)

// GuardStore is what the guard reads and does.
type GuardStore interface {
	// RunningSequencesOf lists the sequences that have written to a lead and are not paused.
	RunningSequencesOf(ctx context.Context, id outreach.LeadID) ([]outreach.SequenceID, error)
	CurrentRevision(ctx context.Context, id outreach.SequenceID) (outreach.Revision, error)
	// LastMails gives what became of the latest step mails of a sequence since it was last resumed, at most so many.
	LastMails(ctx context.Context, id outreach.SequenceID, limit int) ([]outreach.MailEnding, error)
	// GuardSequence pauses a sequence; false: it is paused already.
	GuardSequence(ctx context.Context, id outreach.SequenceID, reason string, at time.Time) (bool, error)
}

// Teller tells the owner of a sequence that it was paused.
type Teller interface {
	SequencePaused(ctx context.Context, id outreach.SequenceID, owner outreach.RepID, reason string) error
}

// Guard pauses sequences whose mails do harm.
type Guard struct {
	Store  GuardStore
	Teller Teller // nil: nobody is told
	Clock  clock.Clock
	Logger *slog.Logger
}

// Harmed looks at the sequences of a lead whose mail has just come to a bad end: it
// bounced, was reported as spam, or was answered by a no. What goes wrong here is
// logged: the next bad end asks again.
func (g *Guard) Harmed(ctx context.Context, lead outreach.LeadID) {
	ids, err := g.Store.RunningSequencesOf(ctx, lead)
	if err != nil {
		g.Logger.Error("guard: no sequences", "lead_id", lead, "error", err)
		return
	}
	for _, id := range ids {
		if err := g.look(ctx, id); err != nil {
			g.Logger.Error("guard: not looked at", "sequence", id, "error", err)
		}
	}
}

func (g *Guard) look(ctx context.Context, id outreach.SequenceID) error {
	revision, err := g.Store.CurrentRevision(ctx, id)
	if err != nil {
		return err
	}
	ready, err := parseRevision(revision)
	if err != nil {
		return err
	}
	longest := 0
	for _, rule := range guardRules(ready.Guard) {
		longest = max(longest, rule.rate.Last)
	}
	if longest == 0 {
		return nil
	}
	mails, err := g.Store.LastMails(ctx, id, longest)
	if err != nil {
		return err
	}
	reason := Tripped(ready.Guard, mails)
	if reason == "" {
		return nil
	}
	paused, err := g.Store.GuardSequence(ctx, id, reason, g.Clock.Now())
	if err != nil || !paused {
		return err
	}
	g.Logger.Warn("sequence paused by its guard", "sequence", id, "reason", reason)
	if g.Teller == nil {
		return nil
	}
	return g.Teller.SequencePaused(ctx, id, ready.Owner, reason)
}

type guardRule struct {
	rate *sequence.Rate
	what string
	bad  func(outreach.MailEnding) bool
}

func guardRules(g sequence.Guard) []guardRule {
	rules := []guardRule{{g.BounceRate, "bounced", bounced}, {g.ComplaintRate, "reported as spam", complained}, {g.NegativeRate, "answered by a no", refused}}
	return slices.DeleteFunc(rules, func(r guardRule) bool { return r.rate == nil })
}

// Tripped says which rate the latest mails exceed, newest first; empty: none.
func Tripped(g sequence.Guard, mails []outreach.MailEnding) string {
	for _, rule := range guardRules(g) {
		sample := mails[:min(len(mails), rule.rate.Last)]
		count := 0
		for _, mail := range sample {
			if rule.bad(mail) {
				count++
			}
		}
		if rule.rate.Exceeded(count, len(sample)) {
			return fmt.Sprintf("%d of the last %d mails %s; the guard allows %s", count, len(sample), rule.what, rule.rate)
		}
	}
	return ""
}

func bounced(m outreach.MailEnding) bool {
	return slices.Contains(m.Labels, outreach.LabelBounceHard) ||
		m.State == outreach.SendFailed && policy.RefusalOf(m.Result) == policy.RefusedAddress
}

func complained(m outreach.MailEnding) bool {
	return slices.Contains(m.Labels, outreach.LabelComplaint) || m.Stopped == outreach.StopComplained
}

// refused counts who wants no more mail. A brush-off with a day to come back on is
// no refusal: that lead is not lost.
func refused(m outreach.MailEnding) bool {
	return complained(m) || m.Stopped == outreach.StopUnsubscribed || slices.Contains(m.Labels, outreach.LabelUnsubscribe) ||
		m.Stage == outreach.StageLost && slices.Contains(m.Labels, outreach.LabelBrushOff)
}
