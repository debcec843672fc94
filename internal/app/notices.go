package app

import (
	"context"
	"fmt"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/digest"
	"drumbeat/internal/mailer"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/templates"
)

// digestEvery is how often it is looked whether a digest hour has come, in
// machine time.
const digestEvery = 20 * time.Second

// NewDigester wires digests and alerts.
func (b *Base) NewDigester(team *Team) (*digest.Digester, error) {
	words, err := digest.LoadWords(templates.FS)
	if err != nil {
		return nil, err
	}
	from, ok := team.Mailbox(team.Notify)
	if !ok {
		return nil, fmt.Errorf("notify: mailbox %q: %w", team.Notify, outreach.ErrNotFound)
	}
	d := &digest.Digester{
		Clock: b.Clock, Store: b.DB, Mailbox: from.ID, From: outreach.Address{Name: "Drumbeat", Email: from.Address},
		Pages: b.pagesURL(), Build: mailer.Build, MessageID: b.messageIDs(team), Words: words, Logger: b.Logger,
	}
	for _, r := range team.Reps {
		zone, err := time.LoadLocation(r.Timezone)
		if err != nil {
			return nil, fmt.Errorf("rep %s: %w", r.ID, err)
		}
		d.Reps = append(d.Reps, digest.Rep{
			ID: r.ID, Name: r.Name, Email: r.Email, Zone: zone, At: r.Digest.At, Days: r.Digest.Days, Away: r.AwayOn, Cover: r.Cover,
		})
	}
	return d, nil
}

func (b *Base) pagesURL() string {
	if b.Config.Listen == "" {
		return ""
	}
	return "http://" + b.Config.Listen
}

// MailboxStopped tells the rep of a mailbox that it sends no more.
func (e *Engine) MailboxStopped(ctx context.Context, id outreach.MailboxID, detail string) error {
	m, ok := e.options.Team.Mailbox(id)
	if !ok {
		return fmt.Errorf("mailbox %q: %w", id, outreach.ErrNotFound)
	}
	return e.digester.MailboxStopped(ctx, id, m.Rep, detail)
}

// LeadHarmed lets the guard look at the sequences of the lead.
func (e *Engine) LeadHarmed(ctx context.Context, id outreach.LeadID) {
	e.base.guard(e.digester).Harmed(ctx, id)
}

// guard pauses sequences whose mails do harm.
func (b *Base) guard(digester *digest.Digester) *outbound.Guard {
	g := &outbound.Guard{Store: b.DB, Clock: b.Clock, Logger: b.Logger}
	if digester != nil {
		g.Teller = digester
	}
	return g
}

// digests makes digests at their hours until ctx ends.
func (e *Engine) digests(ctx context.Context) {
	clock.Machine{}.Every(ctx, digestEvery, nil, func(ctx context.Context) {
		if err := e.digester.Tick(ctx); err != nil && ctx.Err() == nil {
			e.base.Logger.Error("digest failed", "error", err)
		}
	})
}
