package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/postgres/pgtest"
)

// Rows of these tables are deleted: messages that turn out to be about nobody, and all of
// a lead who is erased. For each row Postgres looks for those that point to it, and
// without an index it reads a whole table for that.
func TestWhatPointsToDeletedRowsIsFoundByIndex(t *testing.T) {
	t.Parallel()
	var missing []string
	if err := pgtest.New(t).SelectContext(t.Context(), &missing, `
		SELECT c.conrelid::regclass || '.' || a.attname FROM pg_constraint c
		JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.contype = 'f' AND c.confrelid::regclass::text IN ('leads', 'enrolments', 'messages', 'sends')
			AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])
		ORDER BY 1`); err != nil {
		t.Fatal(err)
	}
	// A lead's places on lists are read once when it is erased; an index would cost every import more.
	if diff := cmp.Diff([]string{"list_leads.lead_id"}, missing); diff != "" {
		t.Errorf("foreign keys without an index:\n%s", diff)
	}
}
