// Package sequences holds the sequences, mailboxes and frameworks that ship with
// Drumbeat. It is content without logic; a team's own directory replaces it.
package sequences

import "embed"

// FS holds *.yaml and frameworks/*.yaml.
//
//go:embed *.yaml frameworks/*.yaml
var FS embed.FS
