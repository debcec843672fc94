package postgres

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/lib/pq"
)

// CreateDatabase makes an empty database beside the one that adminURL names, and
// returns its URL. It never touches the database of adminURL itself.
func CreateDatabase(ctx context.Context, adminURL, name string) (string, error) {
	return CloneDatabase(ctx, adminURL, name, "template0")
}

// CloneDatabase makes a database with the content of template, to which nobody may
// be connected meanwhile.
func CloneDatabase(ctx context.Context, adminURL, name, template string) (string, error) {
	made, err := withDatabase(adminURL, name)
	if err != nil {
		return "", err
	}
	create := fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s ENCODING 'UTF8'", pq.QuoteIdentifier(name), pq.QuoteIdentifier(template))
	return made, administer(ctx, adminURL, create)
}

// DropDatabase removes a database and ends the sessions in it. One that is not
// there is no error.
func DropDatabase(ctx context.Context, adminURL, name string) error {
	return administer(ctx, adminURL, fmt.Sprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)", pq.QuoteIdentifier(name)))
}

func administer(ctx context.Context, adminURL, statement string) error {
	db, err := Open(ctx, adminURL, Options{MaxConns: 1, Name: "drumbeat-admin"})
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// withDatabase is the same connection with another database.
func withDatabase(dsn, name string) (string, error) {
	if !isURL(dsn) {
		quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name)
		return dsn + " dbname='" + quoted + "'", nil // the last one counts
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return "", badURL()
	}
	u.Path = "/" + name
	query := u.Query()
	query.Del("dbname")
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// isURL tells a postgres:// URL from a key=value string.
func isURL(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}
