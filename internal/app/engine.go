package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"drumbeat/internal/digest"
	"drumbeat/internal/inbound"
	"drumbeat/internal/mailer"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
	"drumbeat/internal/task"
	"drumbeat/internal/token"
	"drumbeat/internal/webhook"
	"drumbeat/worker"
)

// Roles says which parts of the engine a process runs. Any number of processes
// may run any of them beside each other.
type Roles struct {
	Worker  bool // hears bells: sends and understands replies
	Planner bool // rings bells and makes digests
	Inbox   bool // reads the mailboxes
}

// AllRoles is what `drumbeat serve` runs.
func AllRoles() Roles { return Roles{Worker: true, Planner: true, Inbox: true} }

// EngineOptions say how an engine runs.
type EngineOptions struct {
	Roles Roles
	Redis *redis.Options
	Queue string // of asynq; one for each database
	Team  *Team
	Grace time.Duration // how long Stop waits for open dialogues; 0: 45 s
	// Concurrency is how many mailboxes this process sends from at a time; 0: 128.
	Concurrency int
	PollEvery   time.Duration    // how often the mailboxes are asked; 0: a minute
	SentEvery   time.Duration    // how often the Sent folders are seen to; 0: a minute
	BellsEvery  time.Duration    // how often an idle worker looks for bells; 0: 200 ms
	Watch       inbound.Watcher  // counts what the readers do; nil: nobody
	Sends       outbound.Watcher // counts what the sender does; nil: nobody
	// RedirectAllTo makes a rehearsal of it: every mail goes there; empty: to the leads.
	RedirectAllTo string
}

// Engine is the running parts of one process.
type Engine struct {
	base    *Base
	options EngineOptions
	process string

	committer *postgres.Committer
	sender    *outbound.Sender
	keeper    *outbound.Keeper
	planner   *outbound.Planner
	ringer    *task.Ringer
	worker    *worker.Worker
	inbox     *inboxes
	digester  *digest.Digester
	kept      *keepsake // nil: nothing is kept outside the database
	deliverer *outbound.Deliverer
	poster    *webhook.Client

	wake   chan struct{}
	cancel context.CancelFunc
	parts  sync.WaitGroup
}

// NewEngine wires an engine; Start it.
func (b *Base) NewEngine(o EngineOptions) (*Engine, error) {
	e := &Engine{base: b, options: o, process: rand.Text(), wake: make(chan struct{}, 1)}
	rules, err := o.Team.rules()
	if err != nil {
		return nil, err
	}
	if e.digester, err = b.NewDigester(o.Team); err != nil {
		return nil, err
	}
	e.ringer = task.NewRinger(o.Redis, o.Queue)
	e.committer = postgres.NewCommitter(b.DB, b.Clock.Now)
	e.sender = e.newSender(rules)
	e.poster = webhook.NewClient(webhook.Options{Loopback: b.Config.WebhookLoopback})
	var poster outbound.Poster = e.poster
	if o.RedirectAllTo != "" {
		poster = mute{b.Logger}
	}
	e.deliverer = &outbound.Deliverer{
		Process: e.process, Clock: b.Clock, Deliveries: b.DB, Poster: poster, Decider: e.sender.Decider, Environment: o.Team.environment(), Logger: b.Logger,
	}
	e.keeper = e.newKeeper()
	e.planner = &outbound.Planner{
		Clock: b.Clock, Plans: b.DB, Ringer: e.ringer, SendDue: e.sender.SendDue, Logger: b.Logger,
	}
	if e.inbox, err = e.newInboxes(); err != nil {
		return nil, errors.Join(err, e.discard())
	}
	if o.Roles.Worker {
		e.worker = worker.New(worker.Options{
			Redis: o.Redis, Queue: o.Queue, Logger: b.Logger, Sender: newSpacious(e.sender), Replies: e.inbox.processor,
			Concurrency: cmp.Or(o.Concurrency, 128), Grace: cmp.Or(o.Grace, 45*time.Second),
			PollEvery: o.BellsEvery,
		})
	}
	return e, nil
}

func (e *Engine) newSender(rules map[outreach.MailboxID]outbound.MailboxRules) *outbound.Sender {
	b, team := e.base, e.options.Team
	scripts := &outbound.Scripts{Revisions: b.DB}
	composer := &outbound.Composer{Scripts: scripts, Build: mailer.Build, Senders: team.senders, UnsubscribeURL: b.unsubscribeURL()}
	return &outbound.Sender{
		Process: e.process, Clock: b.Clock, Leases: b.DB, Claims: b.DB, Committer: e.committer, Refusals: b.DB, Holder: b.DB,
		Transport: e.transport(), Operators: e, Composer: composer, Watch: e.options.Sends, Logger: b.Logger,
		Decider: &outbound.Decider{
			Scripts: scripts, Mailboxes: rules, TaskTitle: composer.TaskTitle, MessageID: b.messageIDs(team), Webhook: b.hooks(scripts, team).Fill,
		},
	}
}

// transport reaches the mailboxes' servers.
func (e *Engine) transport() outbound.Transport {
	if to := e.options.RedirectAllTo; to != "" {
		return redirected{Transport: smtpLines{e.options.Team}, to: to, logger: e.base.Logger}
	}
	return smtpLines{e.options.Team}
}

func (e *Engine) newKeeper() *outbound.Keeper {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &outbound.Keeper{
		Process: e.process, Host: host, PID: os.Getpid(), Clock: e.base.Clock, Lives: e.base.DB, Sender: e.sender, Logger: e.base.Logger,
	}
}

// messageIDs gives Message-IDs in the domain of the mailbox.
func (b *Base) messageIDs(team *Team) func(outreach.MailboxID, string, time.Time) string {
	keys := token.NewKeys(b.Secret)
	return func(id outreach.MailboxID, dedupeKey string, now time.Time) string {
		m, _ := team.Mailbox(id) // an unknown mailbox has no domain, and its mail is refused when it is built
		return keys.MessageID(now, dedupeKey, outreach.Domain(m.Address))
	}
}

// unsubscribeURL gives the public one-click address; nil without a base URL.
func (b *Base) unsubscribeURL() func(token string) string {
	if b.Config.BaseURL == "" {
		return nil
	}
	return func(token string) string { return b.Config.BaseURL + "/u/" + token }
}

// discard ends an engine that was never started.
func (e *Engine) discard() error {
	e.committer.Close()
	return e.ringer.Close()
}

// Start runs the parts until Stop.
func (e *Engine) Start(ctx context.Context) error {
	// Known before the first claim: a claim of an unknown process is taken back.
	if err := e.keeper.Beat(ctx); err != nil {
		return fmt.Errorf("first beat: %w", err)
	}
	if err := e.openKept(ctx); err != nil {
		return err
	}
	desk, err := e.newSentDesk(ctx)
	if err != nil {
		return errors.Join(err, e.kept.close(ctx))
	}
	ctx, e.cancel = context.WithCancel(context.WithoutCancel(ctx))
	e.parts.Go(func() { e.keeper.Run(ctx) })
	if e.kept != nil {
		e.parts.Go(func() { e.kept.run(ctx) })
	}
	e.parts.Go(func() { desk.run(ctx, cmp.Or(e.options.SentEvery, sentEvery)) })
	if e.worker != nil {
		if err := e.worker.Start(); err != nil {
			e.cancel()
			e.parts.Wait()
			return errors.Join(err, e.kept.close(context.WithoutCancel(ctx)))
		}
		e.parts.Go(func() { e.inbox.sweep(ctx) })
		e.parts.Go(func() { e.deliverer.Run(ctx) })
	}
	if e.options.Roles.Inbox {
		e.parts.Go(func() { e.inbox.read(ctx) })
	}
	if e.options.Roles.Planner {
		e.parts.Go(func() { e.planner.Run(ctx, e.wake) })
		e.parts.Go(func() { e.digests(ctx) })
	}
	debug.FreeOSMemory() // what starting took
	return nil
}

// Wake makes the planner look at once.
func (e *Engine) Wake() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// Stop takes no new work, waits for open dialogues and leaves nothing claimed.
func (e *Engine) Stop(ctx context.Context) error {
	e.sender.Finish()
	if e.worker != nil {
		e.worker.Shutdown() // first: it may still need beats, the committer and the bells
	}
	e.cancel()
	e.parts.Wait()
	e.sender.Close()
	e.poster.Close()
	e.committer.Close()
	return errors.Join(e.kept.close(ctx), e.keeper.Leave(ctx), e.ringer.Close())
}
