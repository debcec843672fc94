package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"drumbeat/internal/app"
	"drumbeat/internal/postgres"
)

// workerSpec tells a worker process where things are. It comes over standard
// input, because arguments are read by everybody on the machine.
type workerSpec struct {
	Dir         string    `json:"dir"`
	StateDir    string    `json:"state_dir"`
	Database    string    `json:"database"`
	RedisNet    string    `json:"redis_network"`
	RedisAddr   string    `json:"redis_addr"`
	RedisPass   string    `json:"redis_password"`
	RedisDB     int       `json:"redis_db"`
	Queue       string    `json:"queue"`
	Secret      string    `json:"secret"`
	Concurrency int       `json:"concurrency"`
	Clock       fastClock `json:"clock"`
}

// ready is what a worker says when it hears bells.
const ready = "ready\n"

// Work is a worker process of a bench: the engine of `drumbeat worker` on a
// faster clock. It reads its spec from in, ends in good order when ctx does, and
// at once when in closes, because then the bench is gone.
func Work(ctx context.Context, in io.Reader, out io.Writer, log *slog.Logger) error {
	decoder := json.NewDecoder(in)
	var spec workerSpec
	if err := decoder.Decode(&spec); err != nil {
		return fmt.Errorf("worker's spec: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	engine, shut, err := spec.engine(ctx, log)
	if err != nil {
		return err
	}
	if err := engine.Start(ctx); err != nil {
		return errors.Join(err, shut())
	}
	if _, err := io.WriteString(out, ready); err != nil {
		return errors.Join(err, shut())
	}
	<-ctx.Done()
	stopping, done := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer done()
	return errors.Join(engine.Stop(stopping), shut())
}

// engine wires worker and planner as the service does.
func (spec workerSpec) engine(ctx context.Context, log *slog.Logger) (*app.Engine, func() error, error) {
	db, err := postgres.Open(ctx, spec.Database, postgres.Options{})
	if err != nil {
		return nil, nil, err
	}
	s := stage{dir: spec.Dir}
	base := &app.Base{
		Logger: log, Clock: spec.Clock, DB: db, Secret: []byte(spec.Secret), StateDir: spec.StateDir,
		Sequences: s.files(), Templates: s.layers(),
	}
	team, err := base.LoadTeam()
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	for _, m := range team.Mailboxes {
		if err := checkLoopback(m.SMTP.Host); err != nil {
			return nil, nil, errors.Join(err, db.Close())
		}
	}
	engine, err := base.NewEngine(app.EngineOptions{
		Roles: app.Roles{Worker: true, Planner: true}, Queue: spec.Queue, Team: team, Concurrency: spec.Concurrency,
		Redis: &redis.Options{Network: spec.RedisNet, Addr: spec.RedisAddr, Password: spec.RedisPass, DB: spec.RedisDB},
	})
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return engine, db.Close, nil
}
