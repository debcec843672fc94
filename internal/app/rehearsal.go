package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"drumbeat/internal/address"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
)

// In a rehearsal everything happens as it would, on a database of its own: leads
// are enrolled, claimed, written to and recorded as sent. Only the envelope of each
// mail names one person instead of the lead, and no webhook is called. Since such a
// ledger says "sent" of mails that no lead has had, a database that rehearses can
// never send for real, and one that has sent for real cannot rehearse.

// rehearse settles whether this process rehearses, before anything runs, and gives
// to whom all mail goes; empty: to the leads.
func (b *Base) rehearse(ctx context.Context, o ServiceOptions) (string, error) {
	marked, err := b.DB.Rehearsal(ctx)
	if err != nil {
		return "", err
	}
	switch {
	case o.RedirectAllTo == "" && marked != "" && o.Roles.Planner:
		return "", &outreach.Problem{Code: "REHEARSAL_DATABASE", Err: outreach.ErrInvalid,
			Detail: "this database is a rehearsal's: its ledger says sent of mails that no lead has had",
			Fix:    "Go on rehearsing with --redirect-all-to " + marked + ", or name another database in DATABASE_URL (or another DRUMBEAT_STATE_DIR) and import the leads there."}
	case o.RedirectAllTo == "":
		return marked, nil // workers and pages beside a rehearsal take part in it
	}
	if err := address.Check(o.RedirectAllTo); err != nil {
		return "", &outreach.Problem{Code: "BAD_ADDRESS", Err: outreach.ErrInvalid, Detail: "--redirect-all-to is no address", Fix: "drumbeat serve --redirect-all-to you@yourcompany.example"}
	}
	if err := b.DB.BeginRehearsal(ctx, o.RedirectAllTo, b.Clock.Now()); errors.Is(err, outreach.ErrInvalid) {
		return "", &outreach.Problem{Code: "NO_REHEARSAL_HERE", Err: err,
			Detail: "this database cannot rehearse",
			Fix:    "Rehearse on a database of its own: another DATABASE_URL, or without one another DRUMBEAT_STATE_DIR."}
	} else if err != nil {
		return "", err
	}
	return o.RedirectAllTo, nil
}

// redirected is a transport whose mails all go to one person.
type redirected struct {
	outbound.Transport
	to     string
	logger *slog.Logger
}

// Open connects as usual.
func (r redirected) Open(ctx context.Context, id outreach.MailboxID) (outbound.Connection, error) {
	line, err := r.Transport.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	return redirectedLine{Connection: line, over: r}, nil
}

type redirectedLine struct {
	outbound.Connection
	over redirected
}

// Deliver sends the very bytes to somebody else.
func (l redirectedLine) Deliver(ctx context.Context, envelope outreach.Envelope, raw []byte, commit func(context.Context) bool) outreach.DeliveryResult {
	l.over.logger.Warn("rehearsal: this mail goes to you and not to its lead")
	return l.Connection.Deliver(ctx, l.turn(envelope), raw, commit)
}

// Expect announces the next mail, to whom it really goes.
func (l redirectedLine) Expect(next outreach.Envelope) { l.Connection.Expect(l.turn(next)) }

func (l redirectedLine) turn(envelope outreach.Envelope) outreach.Envelope {
	envelope.To, envelope.Copy = l.over.to, ""
	return envelope
}

// mute takes webhooks and calls nobody.
type mute struct{ logger *slog.Logger }

// Post answers as a service would that accepts everything.
func (m mute) Post(_ context.Context, r outreach.WebhookRequest) outreach.WebhookAnswer {
	m.logger.Warn("rehearsal: a webhook was not called")
	if len(r.Expect) > 0 {
		return outreach.WebhookAnswer{Status: r.Expect[0]}
	}
	return outreach.WebhookAnswer{Status: http.StatusNoContent}
}
