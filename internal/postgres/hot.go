package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// hotPool is a pool of connections for the statements that every mail passes.
// They are prepared, because planning them costs more than running them, and
// planned once for all parameters, always by index, and as if each row read cost as
// much as a page: a plan that was made while the ledger was small must not read all of
// it once it has grown.
type hotPool struct {
	*sqlx.DB

	mu       sync.RWMutex
	prepared map[string]*sqlx.Stmt // nil: seen, and to be prepared before the next transaction
}

// newHotPool makes a pool that connects when it is first used.
func newHotPool(cfg pq.Config, size int, patience time.Duration) (*hotPool, error) {
	cfg.Runtime = maps.Clone(cfg.Runtime)
	for _, setting := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin"} {
		cfg.Runtime[setting] = "off"
	}
	cfg.Runtime["plan_cache_mode"] = "force_generic_plan"
	cfg.Runtime["cpu_tuple_cost"] = "1"
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, err
	}
	connector.Dialer(newDialer(patience))
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	pool.SetConnMaxIdleTime(connMaxIdle)
	return &hotPool{DB: sqlx.NewDb(pool, "postgres"), prepared: make(map[string]*sqlx.Stmt)}, nil
}

// prepare makes the statements ready that have been seen since. It is called
// before a transaction begins, because preparing takes a connection of its own.
func (h *hotPool) prepare(ctx context.Context) error {
	for _, query := range h.seen() {
		stmt, err := h.PreparexContext(ctx, query)
		if err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
		h.mu.Lock()
		h.prepared[query] = stmt
		h.mu.Unlock()
	}
	return nil
}

func (h *hotPool) seen() (queries []string) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for query, stmt := range h.prepared {
		if stmt == nil {
			queries = append(queries, query)
		}
	}
	return queries
}

// statement gives a query prepared; nil when it is seen for the first time.
func (h *hotPool) statement(query string) *sqlx.Stmt {
	h.mu.RLock()
	stmt, known := h.prepared[query]
	h.mu.RUnlock()
	if !known {
		h.mu.Lock()
		h.prepared[query] = h.prepared[query] // another may have prepared it meanwhile
		h.mu.Unlock()
	}
	return stmt
}

// SelectContext runs a query on its own.
func (h *hotPool) SelectContext(ctx context.Context, dest any, query string, args ...any) error {
	stmt, err := h.alone(ctx, query)
	if err != nil {
		return err
	}
	return stmt.SelectContext(ctx, dest, args...)
}

// GetContext runs a query of one row on its own.
func (h *hotPool) GetContext(ctx context.Context, dest any, query string, args ...any) error {
	stmt, err := h.alone(ctx, query)
	if err != nil {
		return err
	}
	return stmt.GetContext(ctx, dest, args...)
}

// ExecContext runs a statement on its own.
func (h *hotPool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt, err := h.alone(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

// alone prepares a query for use outside a transaction, where nothing is held.
func (h *hotPool) alone(ctx context.Context, query string) (*sqlx.Stmt, error) {
	if stmt := h.statement(query); stmt != nil {
		return stmt, nil
	}
	if err := h.prepare(ctx); err != nil {
		return nil, err
	}
	return h.statement(query), nil
}

// inTx is DB.InTx on this pool.
func (h *hotPool) inTx(ctx context.Context, fn func(tx hotTx) error) error {
	if err := h.prepare(ctx); err != nil {
		return err
	}
	return inTx(ctx, h.DB, func(tx *sqlx.Tx) error { return fn(hotTx{Tx: tx, pool: h}) })
}

// hotTx is a transaction whose queries are prepared from their second time on.
// They are constants of this package, so there is an end to them.
type hotTx struct {
	*sqlx.Tx
	pool *hotPool
}

func (t hotTx) SelectContext(ctx context.Context, dest any, query string, args ...any) error {
	if stmt := t.pool.statement(query); stmt != nil {
		return t.StmtxContext(ctx, stmt).SelectContext(ctx, dest, args...)
	}
	return t.Tx.SelectContext(ctx, dest, query, args...)
}

func (t hotTx) GetContext(ctx context.Context, dest any, query string, args ...any) error {
	if stmt := t.pool.statement(query); stmt != nil {
		return t.StmtxContext(ctx, stmt).GetContext(ctx, dest, args...)
	}
	return t.Tx.GetContext(ctx, dest, query, args...)
}

func (t hotTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if stmt := t.pool.statement(query); stmt != nil {
		return t.StmtxContext(ctx, stmt).ExecContext(ctx, args...)
	}
	return t.Tx.ExecContext(ctx, query, args...)
}
