package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"

	"drumbeat/internal/metrics"
	"drumbeat/internal/outreach"
)

// ServiceOptions say what a process of an installation runs.
type ServiceOptions struct {
	Roles  Roles
	Pages  bool // the team's pages
	Public bool // unsubscribe, health, metrics
	// RedirectAllTo makes a rehearsal of it: every mail goes there; empty: to the leads.
	RedirectAllTo string
}

// Service is a running process of an installation.
type Service struct {
	Pages     *Site // nil: none
	Public    *Site
	Rehearses string // who gets every mail; empty: the leads do

	base   *Base
	redis  *redis.Client
	engine *Engine
}

// StartService starts the parts; Stop ends them.
func (b *Base) StartService(ctx context.Context, o ServiceOptions) (*Service, error) {
	s := &Service{base: b}
	if err := s.start(ctx, o); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Service) start(ctx context.Context, o ServiceOptions) error {
	team, err := s.base.LoadTeam()
	if err != nil {
		return err
	}
	if s.Rehearses, err = s.base.rehearse(ctx, o); err != nil {
		return err
	}
	options, err := s.base.StartRedis(ctx, false)
	if err != nil {
		return err
	}
	s.redis = redis.NewClient(options)
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		&metrics.Board{Source: s.base.DB, Now: s.base.Clock.Now, Logger: s.base.Logger},
	)
	if err := s.listen(ctx, o); err != nil {
		return err
	}
	engine, err := s.base.NewEngine(EngineOptions{
		Roles: o.Roles, Redis: options, Queue: queueName, Team: team, Watch: metrics.NewInbox(registry), Sends: metrics.NewSends(registry),
		RedirectAllTo: s.Rehearses,
	})
	if err != nil {
		return err
	}
	if err := s.serve(engine, registry); err != nil {
		return errors.Join(err, engine.discard())
	}
	if err := engine.Start(ctx); err != nil {
		return errors.Join(err, engine.discard())
	}
	s.engine = engine
	return nil
}

// listen takes the addresses before anything runs: a port that is taken is told
// at once.
func (s *Service) listen(ctx context.Context, o ServiceOptions) (err error) {
	if o.Pages {
		if s.Pages, err = Listen(ctx, "DRUMBEAT_LISTEN", s.base.Config.Listen); err != nil {
			return err
		}
	}
	if o.Public {
		s.Public, err = Listen(ctx, "DRUMBEAT_PUBLIC_LISTEN", s.base.Config.PublicListen)
	}
	return err
}

func (s *Service) serve(engine *Engine, registry *prometheus.Registry) error {
	if s.Pages != nil {
		pages, err := s.base.OperatorPages(engine.options.Team, engine.OptOuts(), 0)
		if err != nil {
			return err
		}
		s.Pages.Serve(pages)
	}
	if s.Public != nil {
		s.Public.Serve(s.base.PublicPages(engine.OptOuts(), registry, s.Ready))
	}
	return nil
}

// Ready tells whether the process can do its work: the database answers with
// the schema it knows, and the bells can be rung.
func (s *Service) Ready(ctx context.Context) error { return s.base.ready(ctx, s.redis) }

// CheckReady is Ready for a process that runs nothing: `drumbeat status --ready`.
func (b *Base) CheckReady(ctx context.Context) error {
	if b.Config.RedisURL == "" {
		return b.ready(ctx, nil)
	}
	options, err := b.StartRedis(ctx, false)
	if err != nil {
		return err
	}
	client := redis.NewClient(options)
	defer client.Close()
	return b.ready(ctx, client)
}

// ready asks the database and, when there is one, Redis.
func (b *Base) ready(ctx context.Context, client *redis.Client) error {
	behind, err := b.DB.SchemaBehind(ctx)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if behind {
		return &outreach.Problem{Code: "SCHEMA_BEHIND", Detail: "the database schema is older than this program", Fix: "Run: drumbeat migrate"}
	}
	if client == nil {
		return nil
	}
	if err := client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	return nil
}

// Stop takes no new work, waits for open dialogues and ends. Nothing stays
// claimed.
func (s *Service) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var all []error
	for _, site := range []*Site{s.Pages, s.Public} {
		if site != nil {
			all = append(all, site.Close())
		}
	}
	if s.engine != nil {
		all = append(all, s.engine.Stop(ctx))
	}
	if s.redis != nil {
		all = append(all, s.redis.Close())
	}
	return errors.Join(all...)
}
