package web

import (
	"context"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/signature"
)

// Board is what the pages show.
type Board interface {
	Status(ctx context.Context, now, day time.Time) (outreach.Status, error)
	MailboxViews(ctx context.Context, now time.Time) ([]outreach.MailboxView, error)
	Leads(ctx context.Context, f outreach.LeadFilter) ([]outreach.LeadView, error)
	ListNames(ctx context.Context) ([]string, error)
	Story(ctx context.Context, id outreach.LeadID) (outreach.Story, error)
	Replies(ctx context.Context, f outreach.ReplyFilter) ([]outreach.ReplyView, error)
	Sends(ctx context.Context, f outreach.SendFilter) ([]outreach.SendView, error)
}

// Desk does what the buttons on the pages ask for.
type Desk interface {
	PauseLead(ctx context.Context, id outreach.LeadID) error // until somebody resumes it
	ResumeLead(ctx context.Context, id outreach.LeadID) error
	StopLead(ctx context.Context, id outreach.LeadID) error
	HandleReply(ctx context.Context, id outreach.MessageID) error
	CorrectReply(ctx context.Context, id outreach.MessageID, label outreach.Label) error
	FinishTask(ctx context.Context, id outreach.TaskID) (outreach.LeadID, error)
}

// OptOuts takes people off. A token that is not ours is no error: the answer
// must not tell whether one exists.
type OptOuts interface {
	Unsubscribe(ctx context.Context, token string) error
}

// Callbacks take in that the receiver of an event has done what it was asked to.
// outreach.ErrNotFound: the token is not ours.
type Callbacks interface {
	CallBack(ctx context.Context, token, note string) (completed bool, err error)
}

// LeadStops take in that a lead is to be left alone. The errors of package
// signature say that the request is not believed.
type LeadStops interface {
	StopLead(ctx context.Context, r signature.Signed) (outreach.HookStopped, error)
}

// Clock is sales time.
type Clock interface{ Now() time.Time }
