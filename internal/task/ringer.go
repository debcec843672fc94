package task

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"drumbeat/internal/outreach"
)

// ringLimit bounds one bell: the planner must not wait for a Redis that is down.
const ringLimit = 200 * time.Millisecond

// Ringer rings bells through asynq.
type Ringer struct {
	redis *redis.Client
	asynq *asynq.Client
	queue string
}

// NewRinger rings into the queue. Close it.
func NewRinger(options *redis.Options, queue string) *Ringer {
	o := *options
	o.MaxRetries = -1 // a bell that fails is rung again by the planner, under its own limit
	o.ContextTimeoutEnabled = true
	client := redis.NewClient(&o)
	return &Ringer{redis: client, asynq: asynq.NewClientFromRedisClient(client), queue: queue}
}

// RingMailbox says "look at this mailbox".
func (r *Ringer) RingMailbox(ctx context.Context, bell outreach.Bell) error {
	return r.ring(ctx, SendFromMailbox{MailboxID: bell.MailboxID, Epoch: bell.Epoch})
}

// RingReply says "look at this message".
func (r *Ringer) RingReply(ctx context.Context, id outreach.MessageID) error {
	return r.ring(ctx, ProcessReply{MessageID: id})
}

// Client is the connection, for what else is kept in the same Redis.
func (r *Ringer) Client() *redis.Client { return r.redis }

// Ping tells whether Redis answers.
func (r *Ringer) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, ringLimit)
	defer cancel()
	return r.redis.Ping(ctx).Err()
}

// Close ends the connections.
func (r *Ringer) Close() error { return r.redis.Close() }

func (r *Ringer) ring(ctx context.Context, job Job) error {
	ctx, cancel := context.WithTimeout(ctx, ringLimit)
	defer cancel()
	payload, err := json.Marshal(job)
	if err != nil {
		return fmt.Errorf("encode %s: %w", job.Kind(), err)
	}
	// No retry, no retention: the planner rings again while there is work.
	_, err = r.asynq.EnqueueContext(ctx, asynq.NewTask(job.Kind(), payload),
		asynq.Queue(r.queue), asynq.TaskID(job.Key()), asynq.MaxRetry(0), asynq.Timeout(time.Hour))
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil // the same bell is ringing already
	}
	if err != nil {
		return fmt.Errorf("ring %s: %w", job.Kind(), err)
	}
	return nil
}
