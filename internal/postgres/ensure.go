package postgres

import (
	"context"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// EnsureDatabase is CreateDatabase for one that may be there already.
func EnsureDatabase(ctx context.Context, adminURL, name string) (string, error) {
	url, err := CreateDatabase(ctx, adminURL, name)
	if pq.As(err, pqerror.DuplicateDatabase) != nil {
		return withDatabase(adminURL, name)
	}
	return url, err
}
