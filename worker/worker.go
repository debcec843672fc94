// Package worker hears the bells: it runs the asynq server, decodes each job,
// calls one use case and notes the error. It decides nothing about sales and
// keeps no state; a bell that fails is simply rung again by the planner.
package worker

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"drumbeat/internal/outreach"
	"drumbeat/internal/task"
)

// defaultPoll bounds how late a bell is heard: small against the planner's second.
const defaultPoll = 200 * time.Millisecond

// Sender sends what is due from a mailbox.
type Sender interface {
	SendDue(ctx context.Context, id outreach.MailboxID) error
}

// Understander understands a stored message.
type Understander interface {
	Process(ctx context.Context, id outreach.MessageID) error
}

// Options of a Worker.
type Options struct {
	Redis       *redis.Options
	Queue       string
	Concurrency int           // bells handled at a time; a mailbox being sent from takes one
	Grace       time.Duration // how long Shutdown waits for open dialogues
	PollEvery   time.Duration // how often an idle worker looks for bells; 0: 200 ms
	Logger      *slog.Logger
	Sender      Sender
	Replies     Understander
}

// Worker hears bells until it is shut down.
type Worker struct {
	server *asynq.Server
	redis  *redis.Client
	mux    *asynq.ServeMux
}

// New makes a worker; Start it.
func New(o Options) *Worker {
	client := redis.NewClient(o.Redis)
	server := asynq.NewServerFromRedisClient(client, asynq.Config{
		Concurrency:       o.Concurrency,
		Queues:            map[string]int{o.Queue: 1},
		TaskCheckInterval: cmp.Or(o.PollEvery, defaultPoll),
		ShutdownTimeout:   o.Grace,
		Logger:            asynqLog{o.Logger},
		LogLevel:          asynq.WarnLevel,
	})
	mux := asynq.NewServeMux()
	handle(mux, o.Logger, func(ctx context.Context, j task.SendFromMailbox) error { return o.Sender.SendDue(ctx, j.MailboxID) })
	handle(mux, o.Logger, func(ctx context.Context, j task.ProcessReply) error { return o.Replies.Process(ctx, j.MessageID) })
	return &Worker{server: server, redis: client, mux: mux}
}

// Start begins to hear bells.
func (w *Worker) Start() error {
	if err := w.server.Start(w.mux); err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	return nil
}

// Shutdown takes no new bells, waits for those being handled up to the grace
// and ends.
func (w *Worker) Shutdown() {
	w.server.Shutdown()
	w.redis.Close()
}

// handle registers a job. asynq's mux matches by prefix, so the type is
// compared exactly; whatever happens, the task counts as done: its retry is the
// planner's next bell.
func handle[J task.Job](mux *asynq.ServeMux, log *slog.Logger, do func(context.Context, J) error) {
	var zero J
	kind := zero.Kind()
	mux.HandleFunc(kind, func(ctx context.Context, t *asynq.Task) error {
		if t.Type() != kind {
			return fmt.Errorf("no handler for %q: %w", t.Type(), asynq.SkipRetry)
		}
		var job J
		if err := json.Unmarshal(t.Payload(), &job); err != nil {
			return fmt.Errorf("payload of %s: %w: %w", kind, err, asynq.SkipRetry)
		}
		if err := guarded(ctx, job, do); err != nil && ctx.Err() == nil {
			log.Error("bell failed", "job", job.Key(), "error", err)
		}
		return nil
	})
}

// guarded turns a panic into an error: one poison mail must not end the process.
func guarded[J task.Job](ctx context.Context, job J, do func(context.Context, J) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do(ctx, job)
}
