package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// SaveRevision makes the source and its templates the sequence's current
// revision. When they are what the current revision has, nothing is written and
// made is false. Enrolments stay on the revision under which they began.
func (db *DB) SaveRevision(ctx context.Context, head outreach.SequenceHead, r outreach.Revision, sha256 string, at time.Time) (_ outreach.Revision, made bool, err error) {
	templates, err := json.Marshal(r.Templates)
	if err != nil {
		return outreach.Revision{}, false, err
	}
	err = db.InTx(ctx, func(tx *sqlx.Tx) error {
		made = false
		// Two applies of one sequence give two numbers, in turn.
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1, hashtext($2))`, applyLock, head.ID); err != nil {
			return err
		}
		current, sum, err := currentRevision(ctx, tx, head.ID)
		if err != nil && !errors.Is(err, outreach.ErrNotFound) {
			return err
		}
		if err == nil && sum == sha256 {
			r = current
			return nil
		}
		made = true
		r.SequenceID, r.Number = head.ID, current.Number+1
		if err := tx.GetContext(ctx, &r.ID, `
			INSERT INTO revisions (sequence_id, number, source, templates, sha256, created_at)
			VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`, head.ID, r.Number, r.Source, string(templates), sha256, at); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO sequences (id, name, owner, revision_id) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET name = $2, owner = $3, revision_id = $4`, head.ID, head.Name, head.Owner, r.ID)
		return err
	})
	if err != nil {
		return outreach.Revision{}, false, fmt.Errorf("save revision of %s: %w", head.ID, err)
	}
	return r, made, nil
}

// applyLock is the first key of the advisory locks of SaveRevision.
const applyLock = 0x72657631 // "rev1"

type revisionRow struct {
	ID         outreach.RevisionID `db:"id"`
	SequenceID outreach.SequenceID `db:"sequence_id"`
	Number     int                 `db:"number"`
	Source     string              `db:"source"`
	Templates  []byte              `db:"templates"`
	SHA256     string              `db:"sha256"`
}

func (r revisionRow) revision() (outreach.Revision, error) {
	revision := outreach.Revision{ID: r.ID, SequenceID: r.SequenceID, Number: r.Number, Source: r.Source}
	if err := json.Unmarshal(r.Templates, &revision.Templates); err != nil {
		return outreach.Revision{}, fmt.Errorf("templates of revision %d: %w", r.ID, err)
	}
	return revision, nil
}

func currentRevision(ctx context.Context, q sqlx.QueryerContext, id outreach.SequenceID) (outreach.Revision, string, error) {
	var row revisionRow
	err := sqlx.GetContext(ctx, q, &row, `
		SELECT r.id, r.sequence_id, r.number, r.source, r.templates, r.sha256
		FROM sequences q JOIN revisions r ON r.id = q.revision_id WHERE q.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return outreach.Revision{}, "", fmt.Errorf("sequence %q: %w", id, outreach.ErrNotFound)
	}
	if err != nil {
		return outreach.Revision{}, "", err
	}
	revision, err := row.revision()
	return revision, row.SHA256, err
}

// CurrentRevision is the revision under which new leads begin;
// outreach.ErrNotFound when the sequence was never applied.
func (db *DB) CurrentRevision(ctx context.Context, id outreach.SequenceID) (outreach.Revision, error) {
	revision, _, err := currentRevision(ctx, db, id)
	return revision, err
}

// Revision is an immutable revision.
func (db *DB) Revision(ctx context.Context, id outreach.RevisionID) (outreach.Revision, error) {
	var row revisionRow
	err := db.GetContext(ctx, &row, `SELECT id, sequence_id, number, source, templates, sha256 FROM revisions WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return outreach.Revision{}, fmt.Errorf("revision %d: %w", id, outreach.ErrNotFound)
	}
	if err != nil {
		return outreach.Revision{}, err
	}
	return row.revision()
}

// SaveMailboxes brings the mailboxes' rows up to the roster. Rows that the roster
// has no more stay: their sends and their cap are still true.
func (db *DB) SaveMailboxes(ctx context.Context, all []outreach.MailboxRecord) error {
	for _, m := range all {
		if _, err := db.ExecContext(ctx, `
			INSERT INTO mailboxes (id, address, rep_id, timezone) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET address = $2, rep_id = $3, timezone = $4
			WHERE (mailboxes.address, mailboxes.rep_id, mailboxes.timezone) IS DISTINCT FROM ($2, $3, $4)`,
			m.ID, m.Address, m.RepID, m.Timezone); err != nil {
			return fmt.Errorf("save mailbox %s: %w", m.ID, err)
		}
	}
	return nil
}
