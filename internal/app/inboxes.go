package app

import (
	"context"
	"sync"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/digest"
	"drumbeat/internal/inbound"
	"drumbeat/internal/llm"
	"drumbeat/internal/outreach"
	"drumbeat/internal/roster"
	"drumbeat/internal/token"
)

const (
	sweepRepliesEvery = 2 * time.Second // machine time
	sweepReplies      = 200             // messages at a time
)

// inboxes are the readers of a process and what understands their messages.
type inboxes struct {
	readers   []*inbound.Reader
	processor *inbound.Processor
	base      *Base
}

func (e *Engine) newInboxes() (*inboxes, error) {
	b, team := e.base, e.options.Team
	processor, err := b.NewProcessor(team, e.digester)
	if err != nil {
		return nil, err
	}
	all := &inboxes{base: b, processor: processor}
	for _, m := range team.Mailboxes {
		if m.IMAP == nil {
			continue
		}
		all.readers = append(all.readers, &inbound.Reader{
			MailboxID: m.ID, Folders: m.IMAP.Folders, Dial: session(m), Inbox: b.DB, Tokens: token.NewKeys(b.Secret),
			Bell: e.ringer, Watch: watcher(e.options.Watch), Clock: b.Clock, Log: b.Logger, PollEvery: e.options.PollEvery,
		})
	}
	return all, nil
}

// NewProcessor wires what understands messages; commands that correct one use
// it too.
func (b *Base) NewProcessor(team *Team, digester *digest.Digester) (*inbound.Processor, error) {
	classifier, err := engineClassifier(b.Config.Model)
	if err != nil {
		return nil, err
	}
	return &inbound.Processor{
		Store: b.DB, Tokens: token.NewKeys(b.Secret), Classifier: classifier,
		Judge:   inbound.House{Templates: team.Templates, Roster: team.Roster},
		Adviser: b.adviser(), Alerter: digester, Clock: b.Clock, Log: b.Logger,
		Harmed: b.guard(digester).Harmed,
	}, nil
}

// adviser is the endpoint for second opinions; nil where none is set.
func (b *Base) adviser() inbound.Adviser {
	c := b.Config
	if c.LLMURL == "" {
		return nil
	}
	return llm.New(llm.Account{URL: c.LLMURL, Model: c.LLMModel, Key: c.LLMKey, Timeout: c.LLMTimeout})
}

func session(m roster.Mailbox) func(context.Context) (inbound.Session, error) {
	return func(ctx context.Context) (inbound.Session, error) {
		open, err := OpenIMAP(ctx, m)
		if err != nil {
			return nil, err
		}
		return open, nil
	}
}

// read reads all mailboxes until ctx ends.
func (i *inboxes) read(ctx context.Context) {
	var all sync.WaitGroup
	for _, reader := range i.readers {
		all.Go(func() { reader.Run(ctx) })
	}
	all.Wait()
}

// sweep takes messages whose bell was lost.
func (i *inboxes) sweep(ctx context.Context) {
	clock.Machine{}.Every(ctx, sweepRepliesEvery, nil, func(ctx context.Context) {
		if _, err := i.processor.Sweep(ctx, sweepReplies); err != nil && ctx.Err() == nil {
			i.base.Logger.Error("sweep of replies failed", "error", err)
		}
	})
}

// watcher is the given one, or one that counts nothing.
func watcher(w inbound.Watcher) inbound.Watcher {
	if w == nil {
		return unwatched{}
	}
	return w
}

type unwatched struct{}

func (unwatched) MessageTaken(outreach.MailboxID, outreach.MatchMethod) {}
func (unwatched) PassDone(outreach.MailboxID, time.Duration, error)     {}
