package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// FindLead finds a lead by its address or its number; outreach.ErrNotFound when
// there is none.
func (db *DB) FindLead(ctx context.Context, which string) (outreach.Lead, error) {
	var row leadRow
	where, arg := `l.email_key = $1`, any(outreach.AddressKey(which))
	if id, err := strconv.ParseInt(which, 10, 64); err == nil {
		where, arg = `l.id = $1`, id
	}
	err := db.GetContext(ctx, &row, `SELECT `+leadColumns+` FROM leads l WHERE `+where, arg)
	if errors.Is(err, sql.ErrNoRows) {
		return outreach.Lead{}, fmt.Errorf("lead %q: %w", which, outreach.ErrNotFound)
	}
	return row.lead(), err
}

// defaultLimit of rows on a page and in a table.
const defaultLimit = 100

// leadViewRow is a lead with its latest enrolment and reply.
type leadViewRow struct {
	leadRow
	SequenceID sql.NullString `db:"sequence_id"`
	State      sql.NullString `db:"state"`
	Step       sql.NullInt64  `db:"step"`
	DueAt      *time.Time     `db:"due_at"`
	LastLabel  sql.NullString `db:"last_label"`
	UpdatedAt  time.Time      `db:"updated_at"`
}

func (r leadViewRow) view() outreach.LeadView {
	return outreach.LeadView{
		Lead: r.lead(), SequenceID: outreach.SequenceID(r.SequenceID.String), State: outreach.EnrolmentState(r.State.String),
		Step: int(r.Step.Int64), DueAt: r.DueAt, LastLabel: outreach.Label(r.LastLabel.String), ChangedAt: r.UpdatedAt,
	}
}

// Leads lists leads, newest first.
func (db *DB) Leads(ctx context.Context, f outreach.LeadFilter) ([]outreach.LeadView, error) {
	var rows []leadViewRow
	err := db.SelectContext(ctx, &rows, `
		SELECT `+leadColumns+`, l.updated_at, e.sequence_id, e.state, e.step, e.due_at, m.label AS last_label
		FROM leads l
		LEFT JOIN LATERAL (SELECT * FROM enrolments WHERE lead_id = l.id ORDER BY id DESC LIMIT 1) e ON true
		LEFT JOIN LATERAL (SELECT label FROM messages WHERE lead_id = l.id AND state = 'done' AND label <> ''
			ORDER BY received_at DESC, id DESC LIMIT 1) m ON true
		WHERE ($1 = '' OR l.stage = $1)
			AND ($2 = '' OR l.id IN (SELECT lead_id FROM list_leads JOIN lists ON lists.id = list_id WHERE lists.name = $2))
			AND ($3 = '' OR l.email_key LIKE $3 OR lower(l.first_name || ' ' || l.last_name) LIKE $3 OR lower(l.company) LIKE $3)
			AND ($4 = 0 OR l.id < $4)
		ORDER BY l.id DESC LIMIT $5`,
		f.Stage, f.List, containing(f.Search), f.Before, cmp.Or(f.Limit, defaultLimit))
	if err != nil {
		return nil, fmt.Errorf("list leads: %w", err)
	}
	views := make([]outreach.LeadView, len(rows))
	for i, row := range rows {
		views[i] = row.view()
	}
	return views, nil
}

// containing is a LIKE pattern for text that holds the words somewhere.
func containing(words string) string {
	words = strings.ToLower(strings.TrimSpace(words))
	if words == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(words) + "%"
}

// EachLead yields all leads of a list in their order, all leads for an empty
// name, page by page: memory is flat and no transaction stays open.
func (db *DB) EachLead(ctx context.Context, list string) iter.Seq2[outreach.Lead, error] {
	const page = 1000
	return func(yield func(outreach.Lead, error) bool) {
		for after := outreach.LeadID(0); ; {
			var rows []leadRow
			err := db.SelectContext(ctx, &rows, `
				SELECT `+leadColumns+` FROM leads l
				WHERE l.id > $1
					AND ($2 = '' OR l.id IN (SELECT lead_id FROM list_leads JOIN lists ON lists.id = list_id WHERE lists.name = $2))
				ORDER BY l.id LIMIT $3`, after, list, page)
			if err != nil {
				yield(outreach.Lead{}, fmt.Errorf("read leads: %w", err))
				return
			}
			for _, row := range rows {
				if !yield(row.lead(), nil) {
					return
				}
			}
			if len(rows) < page {
				return
			}
			after = rows[len(rows)-1].ID
		}
	}
}
