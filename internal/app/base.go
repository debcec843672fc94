// Package app wires Drumbeat together and decides nothing: it reads top to
// bottom which part talks to which.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/config"
	"drumbeat/internal/embedded"
	"drumbeat/internal/postgres"
	"drumbeat/internal/render"
	"drumbeat/sequences"
	"drumbeat/templates"
)

// databaseName is the database that Drumbeat makes in its embedded Postgres.
const databaseName = "drumbeat"

// Base is what every command stands on: settings, files, the clock and a
// migrated database.
type Base struct {
	Config    config.Config
	Logger    *slog.Logger
	Clock     clock.Clock
	DB        *postgres.DB
	Secret    []byte // signs tokens
	StateDir  string
	Sequences fs.FS          // the team's, else the shipped ones
	Templates []render.Layer // the shipped ones, and what lies over them, last wins

	closers []func(context.Context) error
}

// Connect opens the database of DATABASE_URL, or starts the embedded one, and
// brings its schema up to date. Close the result.
func Connect(ctx context.Context, cfg config.Config, log *slog.Logger) (*Base, error) {
	base, err := newBase(cfg, log, clock.Real{})
	if err != nil {
		return nil, err
	}
	if err := base.connect(ctx); err != nil {
		return nil, errors.Join(err, base.Close())
	}
	return base, nil
}

func newBase(cfg config.Config, log *slog.Logger, clk clock.Clock) (*Base, error) {
	dir, err := embedded.StateDir(stateEnv(cfg))
	if err != nil {
		return nil, err
	}
	base := &Base{
		Config: cfg, Logger: log, Clock: clk, StateDir: dir,
		Sequences: sequences.FS, Templates: []render.Layer{{Name: "shipped", FS: templates.FS}},
	}
	if cfg.SequencesDir != "" {
		base.Sequences = os.DirFS(cfg.SequencesDir)
		base.Templates = append(base.Templates, TemplatesBeside(cfg.SequencesDir)...)
	}
	if cfg.TemplatesDir != "" {
		base.Templates = append(base.Templates, render.Layer{Name: cfg.TemplatesDir, FS: os.DirFS(cfg.TemplatesDir)})
	}
	if base.Secret, err = cfg.SigningKey(dir); err != nil {
		return nil, err
	}
	return base, nil
}

// TemplatesBeside are the templates beside and in a directory of sequences, where
// `sequence validate` looks for them too; the last wins.
func TemplatesBeside(dir string) []render.Layer {
	var found []render.Layer
	for _, candidate := range []string{filepath.Join(dir, "..", "templates"), filepath.Join(dir, "templates")} {
		if info, err := os.Stat(candidate); err == nil && info.IsDir() {
			found = append(found, render.Layer{Name: candidate, FS: os.DirFS(candidate)})
		}
	}
	return found
}

// stateEnv answers as the environment would, with the setting that was read.
func stateEnv(cfg config.Config) func(string) string {
	return func(name string) string {
		if name == "DRUMBEAT_STATE_DIR" && cfg.StateDir != "" {
			return cfg.StateDir
		}
		return os.Getenv(name)
	}
}

func (b *Base) connect(ctx context.Context) error {
	url := b.Config.DatabaseURL
	if url == "" {
		var err error
		if url, err = b.startPostgres(ctx); err != nil {
			return err
		}
	}
	return b.open(ctx, url)
}

// startPostgres starts or joins the embedded server and gives the URL of
// Drumbeat's database in it.
func (b *Base) startPostgres(ctx context.Context) (string, error) {
	server, err := embedded.StartPostgres(ctx, embedded.PostgresOptions{StateDir: b.StateDir, BinDir: b.Config.PGBinDir, Logger: b.Logger})
	if err != nil {
		return "", err
	}
	b.atClose(server.Stop)
	url, err := postgres.EnsureDatabase(ctx, server.URL(), databaseName)
	if err != nil {
		return "", fmt.Errorf("embedded database: %w", err)
	}
	return url, nil
}

// open connects and migrates.
func (b *Base) open(ctx context.Context, url string) error {
	db, err := postgres.Open(ctx, url, postgres.Options{})
	if err != nil {
		return err
	}
	b.DB = db
	b.atClose(func(context.Context) error { return db.Close() })
	if _, err := db.Migrate(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func (b *Base) atClose(do func(context.Context) error) { b.closers = append(b.closers, do) }

// Close gives back what Connect took, the last first.
func (b *Base) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var all []error
	for i := len(b.closers) - 1; i >= 0; i-- {
		all = append(all, b.closers[i](ctx))
	}
	b.closers = nil
	return errors.Join(all...)
}
