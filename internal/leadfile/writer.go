package leadfile

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// Writer writes rows as a CSV that a spreadsheet can open without running
// anything: a cell that would be a formula is guarded.
type Writer struct{ csv *csv.Writer }

// NewWriter writes to w.
func NewWriter(w io.Writer) *Writer { return &Writer{csv.NewWriter(w)} }

// Write adds a row.
func (w *Writer) Write(cells ...string) error {
	guarded := make([]string, len(cells))
	for i, cell := range cells {
		guarded[i] = guard(cell)
	}
	return w.csv.Write(guarded)
}

// A rejects file can be mended and imported again: the reader passes over the
// two columns that it has before those of the file.
const (
	rejectedLine   = "rejected_line"
	rejectedReason = "rejected_reason"
)

// Columns of an export that tell where a lead stands. The reader passes over
// them too: a file must not move a lead.
const (
	StageColumn   = "drumbeat_stage"
	StoppedColumn = "drumbeat_stopped"
)

// WriteRejectsHeader adds the header row of a rejects file.
func (w *Writer) WriteRejectsHeader(columns []string) error {
	return w.Write(append([]string{rejectedLine, rejectedReason}, columns...)...)
}

// WriteRefused adds a refused row: its line and the reason before its own cells.
func (w *Writer) WriteRefused(row Row, refusal Refusal) error {
	return w.Write(append([]string{strconv.Itoa(row.Line), refusal.String()}, row.Cells...)...)
}

// Flush writes what is buffered and tells the first error of all writes.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

// guard puts an apostrophe before what a spreadsheet takes for a formula
// (CWE-1236). The reader takes it away again.
func guard(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func unguard(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune("=+-@", rune(cell[1])) {
		return cell[1:]
	}
	return cell
}
