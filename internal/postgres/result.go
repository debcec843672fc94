package postgres

import (
	"database/sql"

	"drumbeat/internal/outreach"
)

// mustChange turns "no row changed" into outreach.ErrNotFound.
func mustChange(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return outreach.ErrNotFound
	}
	return err
}
