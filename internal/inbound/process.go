package inbound

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
	"drumbeat/internal/reply"
)

// Store is where messages wait and where outcomes go.
type Store interface {
	Ledger
	Work
	Situation(ctx context.Context, mailbox outreach.MailboxID, m outreach.Match, now time.Time) (outreach.Situation, error)
	// ApplyOutcome applies all of an outcome or nothing; false: the message is
	// no longer pending.
	ApplyOutcome(ctx context.Context, o outreach.Outcome) (bool, error)
	// CorrectMessage is ApplyOutcome for a message that was understood wrongly.
	CorrectMessage(ctx context.Context, o outreach.Outcome) (bool, error)
	// OptOut suppresses whom a mail went to; the others of a company, if one is given,
	// are stopped.
	OptOut(ctx context.Context, send outreach.SendID, company, source string, at time.Time) error
	AlertsDue(ctx context.Context, limit int) ([]outreach.MessageID, error)
	AlertTold(ctx context.Context, id outreach.MessageID) error
}

// Work is the queue of messages that nobody has understood yet.
type Work interface {
	PendingMessages(ctx context.Context, limit int) ([]outreach.MessageID, error)
	// BeginMessage takes a message for a while and counts the attempt;
	// outreach.ErrNotFound: it is done, or somebody else is at it.
	BeginMessage(ctx context.Context, id outreach.MessageID) (outreach.InboxMessage, error)
	Message(ctx context.Context, id outreach.MessageID) (outreach.InboxMessage, error)
	RetryMessage(ctx context.Context, id outreach.MessageID, reason string, pause time.Duration) error
	QuarantineMessage(ctx context.Context, id outreach.MessageID, reason string, at time.Time) error
	ForgetMessage(ctx context.Context, id outreach.MessageID, company string) error
}

// Alerter tells a rep about a message at once. It must be safe to call twice.
type Alerter interface {
	Alert(ctx context.Context, id outreach.MessageID) error
}

// Processor understands messages and applies what follows from them.
type Processor struct {
	Store      Store
	Tokens     Tokens
	Classifier Classifier
	Adviser    Adviser // nil: nobody is asked, a person decides
	Judge      Judge
	Alerter    Alerter
	Clock      clock.Clock
	Log        *slog.Logger
	// Harmed is told of leads whose mail came to a bad end; nil: nobody is.
	Harmed func(ctx context.Context, id outreach.LeadID)
}

const (
	maxAttempts = 5
	retryPause  = 5 * time.Second // doubled by every attempt; machine time
)

// Process understands one message and applies what follows. It may be called any
// number of times for a message, by a bell, a sweeper or both at once. A message
// that cannot be processed is tried again later, in the end it is put aside for a
// person; only a store that cannot be reached is an error.
func (p *Processor) Process(ctx context.Context, id outreach.MessageID) error {
	m, err := p.Store.BeginMessage(ctx, id)
	if errors.Is(err, outreach.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("begin message %d: %w", id, err)
	}
	if m.Attempts > maxAttempts { // it never came back from the last one
		return p.quarantine(ctx, m, errors.New("the attempts before ended without a word"))
	}
	outcome, err := p.decide(ctx, m, nil)
	if err != nil {
		return p.failed(ctx, m, err)
	}
	if outcome.Match.LeadID == 0 {
		return p.Store.ForgetMessage(ctx, id, company(m.From.Email)) // about none of our leads: of no concern to us
	}
	applied, err := p.Store.ApplyOutcome(ctx, outcome)
	if err != nil {
		return p.failed(ctx, m, err)
	}
	if applied {
		p.told(ctx, outcome)
	}
	return nil
}

// Pending lists messages that wait, the oldest first. The sweeper calls it for
// those whose bell was lost.
func (p *Processor) Pending(ctx context.Context, limit int) ([]outreach.MessageID, error) {
	return p.Store.PendingMessages(ctx, limit)
}

// Sweep processes what waits and alerts what was not alerted. It says how many
// messages it looked at.
func (p *Processor) Sweep(ctx context.Context, limit int) (int, error) {
	ids, err := p.Pending(ctx, limit)
	if err != nil {
		return 0, fmt.Errorf("pending messages: %w", err)
	}
	for _, id := range ids {
		if err := p.Process(ctx, id); err != nil {
			return 0, err
		}
	}
	due, err := p.Store.AlertsDue(ctx, limit)
	if err != nil {
		return len(ids), fmt.Errorf("alerts due: %w", err)
	}
	for _, id := range due {
		p.alert(ctx, id)
	}
	return len(ids), nil
}

// decide understands a message and finds what follows. correct may change what
// was understood before the decision. A panic of a parser is an error.
func (p *Processor) decide(ctx context.Context, m outreach.InboxMessage, correct func(*Case)) (outcome outreach.Outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	c, err := p.understand(ctx, m)
	if err != nil {
		return outreach.Outcome{}, err
	}
	if correct == nil {
		p.advise(ctx, &c)
	} else {
		correct(&c)
	}
	return p.Judge.Decide(c, p.Clock.Now()), nil
}

// failed lets a message be tried again, or puts it aside.
func (p *Processor) failed(ctx context.Context, m outreach.InboxMessage, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err() // we are told to end; the message is not at fault
	}
	if m.Attempts >= maxAttempts || errors.Is(cause, reply.ErrEmpty) {
		return p.quarantine(ctx, m, cause)
	}
	p.Log.WarnContext(ctx, "message not processed", "message_id", m.ID, "attempt", m.Attempts, "error", cause)
	pause := retryPause << (m.Attempts - 1)
	if err := p.Store.RetryMessage(ctx, m.ID, storable(cause.Error(), maxLine), pause); err != nil {
		return fmt.Errorf("retry message %d: %w", m.ID, err)
	}
	return nil
}

func (p *Processor) quarantine(ctx context.Context, m outreach.InboxMessage, cause error) error {
	p.Log.ErrorContext(ctx, "message put aside for a person", "message_id", m.ID, "attempts", m.Attempts, "error", cause)
	if err := p.Store.QuarantineMessage(ctx, m.ID, storable(cause.Error(), maxLine), p.Clock.Now()); err != nil {
		return fmt.Errorf("quarantine message %d: %w", m.ID, err)
	}
	return nil
}

// told logs what was done and alerts. An alert that fails now is made up for by
// the sweeper.
func (p *Processor) told(ctx context.Context, o outreach.Outcome) {
	p.Log.InfoContext(ctx, "message understood", "message_id", o.MessageID, "lead_id", o.Match.LeadID, "label", o.Read.Label,
		"confidence", o.Read.Confidence, "match", o.Match.Method, "rule", o.Decided.Rule, "move", o.Move)
	if o.Alert {
		p.alert(ctx, o.MessageID)
	}
	switch o.Read.Label {
	case outreach.LabelBounceHard, outreach.LabelComplaint, outreach.LabelUnsubscribe, outreach.LabelBrushOff:
		p.harmed(ctx, o.Match.LeadID)
	}
}

func (p *Processor) harmed(ctx context.Context, id outreach.LeadID) {
	if p.Harmed != nil && id != 0 {
		p.Harmed(ctx, id)
	}
}

func (p *Processor) alert(ctx context.Context, id outreach.MessageID) {
	err := p.Alerter.Alert(ctx, id)
	if err == nil {
		err = p.Store.AlertTold(ctx, id)
	}
	if err != nil {
		p.Log.WarnContext(ctx, "alert not written", "message_id", id, "error", err)
	}
}
