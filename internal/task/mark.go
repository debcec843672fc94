package task

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"drumbeat/internal/outreach"
)

// MarkKey keeps how far the ledger has come under one key of Redis: for workers
// on other machines, and for a machine whose state directory was lost. A Redis
// that was emptied says nothing.
type MarkKey struct {
	Redis *redis.Client
	Key   string
}

// NewMarkKey names the key after the installation.
func NewMarkKey(client *redis.Client, installation string) MarkKey {
	return MarkKey{Redis: client, Key: "drumbeat:mark:" + installation}
}

// Kept gives the mark; false: there is none.
func (m MarkKey) Kept(ctx context.Context) (outreach.Mark, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, ringLimit)
	defer cancel()
	text, err := m.Redis.Get(ctx, m.Key).Result()
	if errors.Is(err, redis.Nil) {
		return outreach.Mark{}, false, nil
	}
	if err != nil {
		return outreach.Mark{}, false, fmt.Errorf("mark in redis: %w", err)
	}
	var mark outreach.Mark
	if _, err := fmt.Sscanf(text, "%d %d", &mark.Epoch, &mark.Seq); err != nil {
		return outreach.Mark{}, false, nil
	}
	return mark, true, nil
}

// raise sets the mark where it is higher than the one that stands there: two
// processes may keep theirs in any order.
var raise = redis.NewScript(`
	local epoch, seq = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%d+)$')
	epoch, seq = tonumber(epoch or -1), tonumber(seq or -1)
	local newEpoch, newSeq = tonumber(ARGV[1]), tonumber(ARGV[2])
	if newEpoch > epoch or (newEpoch == epoch and newSeq > seq) then
		redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2])
	end
	return 0`)

// Keep raises the mark.
func (m MarkKey) Keep(ctx context.Context, mark outreach.Mark) error {
	ctx, cancel := context.WithTimeout(ctx, ringLimit)
	defer cancel()
	if err := raise.Run(ctx, m.Redis, []string{m.Key}, mark.Epoch, mark.Seq).Err(); err != nil {
		return fmt.Errorf("mark in redis: %w", err)
	}
	return nil
}
