package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// ImportLeads takes the leads of a file in: all of them or, on an error, none.
// They are copied to a staging table and merged by one update and one insert, so
// memory is flat. A blank never erases; a stop, a pause and the stage of a lead
// are never touched. refused is told of every line that the database refuses, in
// the file's order. When the database breaks the transaction off, leads and
// refused are run through again from the start.
func (db *DB) ImportLeads(ctx context.Context, batch outreach.ImportBatch, leads iter.Seq2[outreach.NumberedLead, error],
	refused func(outreach.LineRefusal) error,
) (outreach.ImportCounts, error) {
	var counts outreach.ImportCounts
	err := db.InTx(ctx, func(tx *sqlx.Tx) error {
		in := importer{tx: tx, batch: batch}
		staged, err := in.stage(ctx, leads)
		if err != nil {
			return fmt.Errorf("copy leads: %w", err)
		}
		if counts, err = in.merge(ctx); err != nil {
			return fmt.Errorf("merge leads: %w", err)
		}
		if counts.Refused, err = in.tell(ctx, refused); err != nil {
			return fmt.Errorf("list refused lines: %w", err)
		}
		counts.Unchanged = staged - counts.Refused - counts.Added - counts.Updated
		return nil
	})
	return counts, err
}

type importer struct {
	tx    *sqlx.Tx
	batch outreach.ImportBatch
}

// stage copies the leads to a table that ends with the transaction.
func (in importer) stage(ctx context.Context, leads iter.Seq2[outreach.NumberedLead, error]) (staged int, err error) {
	if _, err := in.tx.ExecContext(ctx, `
		CREATE TEMP TABLE staged (line int, email text, email_key text, domain text, first_name text, last_name text,
			company text, title text, country text, region text, timezone text, language text, linkedin_url text,
			phone text, industry text, employees text, source text, custom jsonb,
			refused text NOT NULL DEFAULT '', detail text NOT NULL DEFAULT '') ON COMMIT DROP`); err != nil {
		return 0, err
	}
	rows, err := in.tx.PrepareContext(ctx, pq.CopyIn("staged", "line", "email", "email_key", "domain", "first_name", "last_name",
		"company", "title", "country", "region", "timezone", "language", "linkedin_url", "phone", "industry", "employees",
		"source", "custom"))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for row, err := range leads {
		if err != nil {
			return 0, err
		}
		l := row.Lead
		custom, err := json.Marshal(customOf(l))
		if err != nil {
			return 0, err
		}
		if _, err := rows.ExecContext(ctx, row.Line, l.Email, outreach.AddressKey(l.Email), outreach.Domain(l.Email), l.FirstName,
			l.LastName, l.Company, l.Title, l.Country, l.Region, l.Timezone, l.Language, l.LinkedInURL, l.Phone, l.Industry,
			l.Employees, l.Source, string(custom)); err != nil {
			return 0, err
		}
		staged++
	}
	if _, err := rows.ExecContext(ctx); err != nil { // sends what is buffered
		return 0, err
	}
	// A fresh table has no statistics, and without them the joins below are guesses.
	_, err = in.tx.ExecContext(ctx, `ANALYZE staged (line, email_key, domain, refused)`)
	return staged, err
}

func customOf(l outreach.Lead) map[string]string {
	if l.Custom == nil {
		return map[string]string{}
	}
	return l.Custom
}

// merge refuses lines, then brings the others into leads and the list.
func (in importer) merge(ctx context.Context) (counts outreach.ImportCounts, err error) {
	if err := in.refuse(ctx); err != nil {
		return counts, err
	}
	if counts.Updated, err = in.fill(ctx); err != nil {
		return counts, err
	}
	if counts.Updated > 0 {
		if err := in.free(ctx); err != nil {
			return counts, err
		}
	}
	if counts.Added, err = in.insert(ctx); err != nil {
		return counts, err
	}
	return counts, in.join(ctx)
}

// refuse marks lines whose address stood in the file before or is suppressed.
func (in importer) refuse(ctx context.Context) error {
	if _, err := in.tx.ExecContext(ctx, `
		UPDATE staged s SET refused = 'suppressed', detail = 'the address is suppressed: ' || p.reason
		FROM suppressions p WHERE p.kind = 'address' AND p.value = s.email_key`); err != nil {
		return err
	}
	// Each domain once: a file has far fewer of them than rows.
	if _, err := in.tx.ExecContext(ctx, `
		UPDATE staged s SET refused = 'suppressed', detail = 'the domain is suppressed: ' || p.reason
		FROM (SELECT DISTINCT domain FROM staged) d
		CROSS JOIN LATERAL unnest(host_and_above(d.domain)) AS h
		JOIN suppressions p ON p.kind = 'domain' AND p.value = h
		WHERE s.domain = d.domain AND s.refused = ''`); err != nil {
		return err
	}
	_, err := in.tx.ExecContext(ctx, `
		UPDATE staged s SET refused = 'duplicate_in_file', detail = 'the address stands in line ' || d.first || ' already'
		FROM (SELECT line, min(line) OVER (PARTITION BY email_key) AS first FROM staged) d
		WHERE s.line = d.line AND d.line <> d.first AND s.refused = ''`)
	return err
}

// fill writes what the file knows more into leads that are there. Rows are
// locked in the order in which every stop locks them, and only if they change.
func (in importer) fill(ctx context.Context) (int, error) {
	return affected(in.tx.ExecContext(ctx, `
		WITH known AS (
			SELECT l.id, s.email_key FROM leads l JOIN staged s ON s.email_key = l.email_key
			WHERE s.refused = '' AND ((s.first_name <> '' AND s.first_name <> l.first_name)
				OR (s.last_name <> '' AND s.last_name <> l.last_name) OR (s.company <> '' AND s.company <> l.company)
				OR (s.title <> '' AND s.title <> l.title) OR (s.country <> '' AND s.country <> l.country)
				OR (s.region <> '' AND s.region <> l.region) OR (s.timezone <> '' AND s.timezone <> l.timezone)
				OR (s.language <> '' AND s.language <> l.language)
				OR (s.linkedin_url <> '' AND s.linkedin_url <> l.linkedin_url)
				OR (s.phone <> '' AND s.phone <> l.phone) OR (s.industry <> '' AND s.industry <> l.industry)
				OR (s.employees <> '' AND s.employees <> l.employees) OR (s.source <> '' AND s.source <> l.source)
				OR NOT l.custom @> s.custom)
			ORDER BY l.id FOR NO KEY UPDATE OF l
		)
		UPDATE leads l SET
			first_name = COALESCE(NULLIF(s.first_name, ''), l.first_name), last_name = COALESCE(NULLIF(s.last_name, ''), l.last_name),
			company = COALESCE(NULLIF(s.company, ''), l.company), title = COALESCE(NULLIF(s.title, ''), l.title),
			country = COALESCE(NULLIF(s.country, ''), l.country), region = COALESCE(NULLIF(s.region, ''), l.region),
			timezone = COALESCE(NULLIF(s.timezone, ''), l.timezone), language = COALESCE(NULLIF(s.language, ''), l.language),
			linkedin_url = COALESCE(NULLIF(s.linkedin_url, ''), l.linkedin_url), phone = COALESCE(NULLIF(s.phone, ''), l.phone),
			industry = COALESCE(NULLIF(s.industry, ''), l.industry), employees = COALESCE(NULLIF(s.employees, ''), l.employees),
			source = COALESCE(NULLIF(s.source, ''), l.source), custom = l.custom || s.custom, updated_at = $1
		FROM known k JOIN staged s ON s.email_key = k.email_key AND s.refused = ''
		WHERE l.id = k.id`, in.batch.At))
}

// free lets steps go on that lacked data of leads about whom the file knew more: what is
// missing still will hold them again.
func (in importer) free(ctx context.Context) error {
	_, err := in.tx.ExecContext(ctx, `
		WITH freed AS (
			UPDATE enrolments e SET state = 'active', state_reason = '', due_at = GREATEST(e.due_at, $1)
			FROM leads l JOIN staged s ON s.email_key = l.email_key AND s.refused = ''
			WHERE e.lead_id = l.id AND l.updated_at = $1 AND e.state = 'held' AND e.state_reason = 'needs_data'
			RETURNING e.id, e.lead_id
		)
		INSERT INTO lead_events (lead_id, enrolment_id, at, kind, reason, actor, detail)
		SELECT lead_id, id, $1, 'active', 'data_came', 'drumbeat', 'An import knew more about the lead; the sequence goes on.' FROM freed`, in.batch.At)
	return err
}

// insert adds the leads that are not there, in the file's order.
func (in importer) insert(ctx context.Context) (int, error) {
	return affected(in.tx.ExecContext(ctx, `
		INSERT INTO leads (email, email_key, domain, first_name, last_name, company, title, country, region, timezone, language,
			linkedin_url, phone, industry, employees, source, custom, created_at, updated_at)
		SELECT email, email_key, domain, first_name, last_name, company, title, country, region, timezone, language,
			linkedin_url, phone, industry, employees, source, custom, $1, $1
		FROM staged s WHERE refused = '' AND NOT EXISTS (SELECT FROM leads l WHERE l.email_key = s.email_key)
		ORDER BY line
		ON CONFLICT (email_key) DO NOTHING`, in.batch.At))
}

// join puts the leads on the list.
func (in importer) join(ctx context.Context) error {
	list, err := listID(ctx, in.tx, in.batch.List, in.batch.At)
	if err != nil {
		return err
	}
	_, err = in.tx.ExecContext(ctx, `
		INSERT INTO list_leads (list_id, lead_id)
		SELECT $1, l.id FROM leads l JOIN staged s ON s.email_key = l.email_key WHERE s.refused = ''
		ON CONFLICT DO NOTHING`, list)
	return err
}

// tell reports the refused lines.
func (in importer) tell(ctx context.Context, refused func(outreach.LineRefusal) error) (int, error) {
	rows, err := in.tx.QueryxContext(ctx, `SELECT line, refused, detail FROM staged WHERE refused <> '' ORDER BY line`)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var r outreach.LineRefusal
		if err := rows.Scan(&r.Line, &r.Reason, &r.Detail); err != nil {
			return 0, err
		}
		if err := refused(r); err != nil {
			return 0, err
		}
	}
	return n, rows.Err()
}
