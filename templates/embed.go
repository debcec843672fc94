// Package templates holds the mails, playbooks and signatures that ship with
// Drumbeat. It is content without logic; a team's own files lie over them.
package templates

import "embed"

// FS holds everything of this directory, by its path below it.
//
//go:embed *
var FS embed.FS
