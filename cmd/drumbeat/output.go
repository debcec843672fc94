package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// writeJSON writes one object as the last line.
func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// oneOf refuses a flag whose value is none of the words that there are; empty is
// for all of them. A slip would look like "there are none".
func oneOf[W ~string](flag string, value W, words []W) error {
	if value == "" || slices.Contains(words, value) {
		return nil
	}
	return fmt.Errorf("%s %q: it is one of %s", flag, value, strings.Trim(strings.ReplaceAll(fmt.Sprint(words), " ", ", "), "[]"))
}

// atMost is how many rows a list shows, from 1 on.
type atMost int

// String, Set and Type make it a flag's value.
func (n *atMost) String() string { return strconv.Itoa(int(*n)) }

// Set refuses what would show nothing.
func (n *atMost) Set(text string) error {
	number, err := strconv.Atoi(text)
	if err != nil || number < 1 {
		return errors.New("it is a number from 1 on")
	}
	*n = atMost(number)
	return nil
}

// Type is what the help calls the value.
func (n *atMost) Type() string { return "int" }

// limitFlag adds --limit to a command that lists.
func limitFlag(command *cobra.Command, limit *int, usual int) {
	*limit = usual
	command.Flags().Var((*atMost)(limit), "limit", "at most so many")
}

// table lines up columns. Cells are made harmless for a terminal: what a lead
// wrote must not move the cursor.
type table struct{ w *tabwriter.Writer }

func newTable(out io.Writer, header ...string) table {
	t := table{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	if len(header) > 0 {
		t.row(header...)
	}
	return t
}

func (t table) row(cells ...string) {
	for i, cell := range cells {
		cells[i] = printable(cell)
	}
	fmt.Fprintln(t.w, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
}

func (t table) flush() error { return t.w.Flush() }

// printable takes control characters out of a text for one line.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
}

// moment shows a sales time; nothing for none.
func moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04 MST")
}

// progress writes a line that replaces itself, on a terminal only.
type progress struct {
	w     io.Writer
	noun  string
	every int
}

func newProgress(w io.Writer, noun string) progress {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return progress{}
	}
	return progress{w: w, noun: noun, every: 5000}
}

func (p progress) show(n int) {
	if p.w != nil && n%p.every == 0 {
		fmt.Fprintf(p.w, "\r%d %s", n, p.noun)
	}
}

// done clears the line.
func (p progress) done() {
	if p.w != nil {
		fmt.Fprint(p.w, "\r\033[K")
	}
}
