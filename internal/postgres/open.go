// Package postgres is Drumbeat's memory: every SQL statement, and so every promise
// about what happens once, in which order, and who waits for whom. It opens,
// migrates and pings; what the rows mean is said in package outreach, what is done
// about them is decided by the use cases.
//
// Locks are always taken in the order leads (by id), sends, enrolments, in READ
// COMMITTED, each step its own statement. Sales time comes in as a parameter;
// machine time is the function machine_ms().
package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// DB is Drumbeat's database. Its methods are the only place with SQL.
type DB struct {
	*sqlx.DB
	claims  *hotPool
	leases  *hotPool // for all that happens every second or so, apart from claims
	commits *hotPool // nor must a commit point
}

// Options of a connection pool. The zero value is good for a service.
type Options struct {
	MaxConns int           // open connections at most; 0: 20
	Name     string        // shown in pg_stat_activity; "": drumbeat
	Patience time.Duration // with a server that says nothing, of what every mail passes; machine time, 0: 45 s
}

const (
	defaultMaxConns = 20
	claimConns      = 2 // claims at a time: they are bound by the processor
	leaseConns      = 3 // leases, beats, the planner and the sweeper
	connectTimeout  = 5 * time.Second
	connMaxIdle     = 5 * time.Minute
)

// Open connects to the database at url, a postgres:// URL or a key=value string,
// and pings it. Sessions speak UTC. A server that does not answer is an
// *outreach.Problem with the code DATABASE_UNREACHABLE.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	cfg, err := pq.NewConfig(url)
	if err != nil {
		return nil, badURL()
	}
	if cfg.Runtime == nil {
		cfg.Runtime = make(map[string]string)
	}
	cfg.Runtime["timezone"] = "UTC"
	// The final dot of a mail goes only after its commit point is on disk, whatever the server's default is.
	cfg.Runtime["synchronous_commit"] = "on"
	// Our queries take less time than compiling them does, and estimates over arrays of ids call for that.
	cfg.Runtime["jit"] = "off"
	cfg.FallbackApplicationName = cmp.Or(o.Name, "drumbeat")
	cfg.ConnectTimeout = cmp.Or(cfg.ConnectTimeout, connectTimeout)
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, badURL()
	}
	connector.Dialer(newDialer(0))
	pool := sql.OpenDB(connector)
	size := cmp.Or(o.MaxConns, defaultMaxConns)
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size) // a new connection costs a process of the server
	pool.SetConnMaxIdleTime(connMaxIdle)
	if err := pool.PingContext(ctx); err != nil {
		pool.Close()
		return nil, unreachable(cfg, err)
	}
	db := &DB{DB: sqlx.NewDb(pool, "postgres")}
	for _, hot := range []struct {
		pool **hotPool
		size int
	}{{&db.claims, min(size, claimConns)}, {&db.leases, min(size, leaseConns)}, {&db.commits, 1}} {
		if *hot.pool, err = newHotPool(cfg, hot.size, cmp.Or(o.Patience, hotPatience)); err != nil {
			pool.Close()
			return nil, badURL()
		}
	}
	return db, nil
}

// Close ends all connections.
func (db *DB) Close() error {
	return errors.Join(db.claims.Close(), db.leases.Close(), db.commits.Close(), db.DB.Close())
}

// badURL keeps the parser's words back: they may quote the password.
func badURL() error {
	return &outreach.Problem{
		Code:   "DATABASE_URL_INVALID",
		Detail: "DATABASE_URL is not a Postgres connection string",
		Fix:    "write it as postgres://user:password@host:5432/database?sslmode=require (special characters in the password as %XX)",
	}
}

func unreachable(cfg pq.Config, err error) error {
	at := net.JoinHostPort(cfg.Host, fmt.Sprint(cfg.Port))
	p := &outreach.Problem{
		Code:   "DATABASE_UNREACHABLE",
		Detail: fmt.Sprintf("the database %s at %s cannot be reached", cfg.Database, at),
		Fix:    "is the server up? check DATABASE_URL; without it drumbeat starts a Postgres of its own",
		Err:    err,
	}
	switch {
	case pq.As(err, pqerror.InvalidPassword, pqerror.InvalidAuthorizationSpecification) != nil:
		p.Detail = fmt.Sprintf("the server at %s refuses user %s", at, cfg.User)
		p.Fix = "check the user and the password in DATABASE_URL"
	case pq.As(err, pqerror.InvalidCatalogName) != nil:
		p.Detail = fmt.Sprintf("the server at %s has no database %s", at, cfg.Database)
		p.Fix = "create it: createdb " + cfg.Database + "   or correct DATABASE_URL"
	case errors.Is(err, pq.ErrSSLNotSupported):
		p.Fix = "the server speaks no TLS: on a trusted network add ?sslmode=disable to DATABASE_URL"
	}
	return p
}

// txAttempts bounds how often a transaction that the database broke off is tried.
const txAttempts = 5

// InTx runs fn in a READ COMMITTED transaction and commits it. When the database
// breaks it off for a deadlock or a serialization failure, the whole of fn runs
// again: fn must have no effect outside the transaction.
func (db *DB) InTx(ctx context.Context, fn func(tx *sqlx.Tx) error) error {
	return inTx(ctx, db.DB, fn)
}

func inTx(ctx context.Context, pool *sqlx.DB, fn func(tx *sqlx.Tx) error) error {
	var err error
	for attempt := range txAttempts {
		if err = inTxOnce(ctx, pool, fn); err == nil || !brokenOff(err) {
			return err
		}
		pause := time.Duration(attempt+1) * 5 * time.Millisecond
		if (clock.Machine{}).Sleep(ctx, pause) != nil {
			return err
		}
	}
	return fmt.Errorf("given up after %d attempts: %w", txAttempts, err)
}

func inTxOnce(ctx context.Context, pool *sqlx.DB, fn func(tx *sqlx.Tx) error) error {
	tx, err := pool.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing; also runs when fn panics
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// brokenOff tells errors after which the same transaction may well succeed.
func brokenOff(err error) bool {
	return pq.As(err, pqerror.TRDeadlockDetected, pqerror.TRSerializationFailure) != nil
}
