// Package starter holds what `drumbeat sequence init` writes: a small set of files
// that is valid as it stands and says in comments what to change.
package starter

import "embed"

// FS holds the files as they lie in the new directory.
//
//go:embed *.yaml leads.csv templates signatures
var FS embed.FS
