// Package migrations holds the numbered SQL files that make and change the
// database's schema. Drumbeat's own binary carries them; `drumbeat migrate`
// applies them. Content, no logic.
package migrations

import "embed"

// FS holds the migration files.
//
//go:embed *.sql
var FS embed.FS
