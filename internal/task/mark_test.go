package task_test

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"

	"drumbeat/internal/embedded/redistest"
	"drumbeat/internal/outreach"
	"drumbeat/internal/task"
)

func TestAMarkInRedisOnlyRises(t *testing.T) {
	t.Parallel()
	client := redis.NewClient(redistest.New(t))
	t.Cleanup(func() { _ = client.Close() })
	key := task.NewMarkKey(client, redistest.Queue())
	t.Cleanup(func() { client.Del(context.WithoutCancel(t.Context()), key.Key) })
	if _, ok, err := key.Kept(t.Context()); ok || err != nil {
		t.Errorf("a mark before the first: %v, %v", ok, err)
	}
	for _, step := range []struct{ keep, want outreach.Mark }{
		{outreach.Mark{Seq: 7}, outreach.Mark{Seq: 7}},
		{outreach.Mark{Seq: 5}, outreach.Mark{Seq: 7}},
		{outreach.Mark{Seq: 10}, outreach.Mark{Seq: 10}},
		{outreach.Mark{Epoch: 1, Seq: 3}, outreach.Mark{Epoch: 1, Seq: 3}},
		{outreach.Mark{Seq: 900}, outreach.Mark{Epoch: 1, Seq: 3}},
	} {
		if err := key.Keep(t.Context(), step.keep); err != nil {
			t.Fatal(err)
		}
		if got, ok, err := key.Kept(t.Context()); got != step.want || !ok || err != nil {
			t.Errorf("after %+v there is %+v, %v, %v; want %+v", step.keep, got, ok, err, step.want)
		}
	}
}
