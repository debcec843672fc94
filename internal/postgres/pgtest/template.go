package pgtest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"sync"

	"drumbeat/internal/postgres"
	"drumbeat/migrations"
)

// templateLock is the advisory lock under which test processes that share a
// server make the template; any number that nobody else uses will do.
const templateLock = 7036874417766

// templates remembers, for this process, the template of each server.
var templates sync.Map

// template is the name of a database with the migrated schema. Its name carries a
// checksum of the migrations, so a changed migration makes a new one.
func template(admin string) (string, error) {
	make := sync.OnceValues(func() (string, error) { return makeTemplate(context.Background(), admin) })
	once, _ := templates.LoadOrStore(admin, make)
	return once.(func() (string, error))()
}

func makeTemplate(ctx context.Context, admin string) (string, error) {
	name, err := templateName()
	if err != nil {
		return "", err
	}
	db, err := postgres.Open(ctx, admin, postgres.Options{MaxConns: 1, Name: "drumbeat-pgtest"})
	if err != nil {
		return "", err
	}
	defer db.Close() // one connection: closing it also gives the lock back
	if _, err := db.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, templateLock); err != nil {
		return "", err
	}
	var exists bool
	if err := db.GetContext(ctx, &exists, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name); err != nil || exists {
		return name, err
	}
	// Made under another name and renamed when complete, so that a process that is
	// killed half-way leaves no half-made template.
	making := name + "_making"
	if err := postgres.DropDatabase(ctx, admin, making); err != nil {
		return "", err
	}
	url, err := postgres.CreateDatabase(ctx, admin, making)
	if err != nil {
		return "", err
	}
	if err := migrate(ctx, url); err != nil {
		return "", err
	}
	_, err = db.ExecContext(ctx, fmt.Sprintf(`ALTER DATABASE %s RENAME TO %s`, making, name))
	return name, err
}

func migrate(ctx context.Context, url string) error {
	db, err := postgres.Open(ctx, url, postgres.Options{Name: "drumbeat-pgtest"})
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Migrate(ctx)
	return err
}

func templateName() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(migrations.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(migrations.FS, path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(content), content)
		return err
	})
	return fmt.Sprintf("drumbeat_template_%x", sum.Sum(nil)[:8]), err
}
