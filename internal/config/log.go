package config

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"
)

// Logger writes at c.Log and above: text for a person at a terminal, otherwise
// JSON for a machine. Commands give it stderr; stdout is for results.
func (c Config) Logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.Log}
	if isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
