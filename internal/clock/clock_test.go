package clock_test

import (
	"context"
	"testing"
	"time"

	"drumbeat/internal/clock"
)

func TestSteppedStandsStillAndNeverRunsBackwards(t *testing.T) {
	start := time.Date(2031, 3, 3, 8, 0, 0, 0, time.UTC)
	c := clock.NewStepped(start)
	c.StepTo(start.Add(time.Hour))
	c.StepTo(start)
	if got, want := c.Now(), start.Add(time.Hour); !got.Equal(want) {
		t.Errorf("Now() = %v, want %v", got, want)
	}
}

func TestEveryRunsAtOnceAndWhenWoken(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	wake, ran := make(chan struct{}), make(chan struct{})
	go clock.Machine{}.Every(ctx, time.Hour, wake, func(context.Context) { ran <- struct{}{} })
	<-ran
	wake <- struct{}{}
	<-ran
}

func TestSleepEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := (clock.Machine{}).Sleep(ctx, time.Hour); err != context.Canceled {
		t.Errorf("Sleep = %v, want %v", err, context.Canceled)
	}
}
