package leadfile

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"drumbeat/internal/outreach"
)

// Reader reads leads row by row.
type Reader struct {
	records   *records
	names     []string
	columns   []column
	validZone func(string) bool
	declared  bool // a byte order mark said UTF-8
}

// Row is one row of the file: a lead, or the reason why it is none.
type Row struct {
	Line    int // of the file, from 1; the header row counts
	Cells   []string
	Lead    outreach.Lead
	Refused *Refusal // nil: Lead is good
}

// NewReader reads the header row. validZone tells whether the timezone column
// names an IANA zone. An error is an *outreach.Problem: the file is no list of
// leads at all.
func NewReader(src io.Reader, validZone func(string) bool) (*Reader, error) {
	r := &Reader{records: newRecords(src), validZone: validZone}
	if err := r.readMark(); err != nil {
		return nil, err
	}
	if err := r.readHeader(); err != nil {
		return nil, err
	}
	return r, nil
}

// Columns are the names of the header row as they stand there.
func (r *Reader) Columns() []string { return r.names }

// Next gives the next row, io.EOF behind the last. Blank rows are passed over.
func (r *Reader) Next() (Row, error) {
	for {
		rec, err := r.records.next()
		if err != nil {
			return Row{}, err
		}
		if rec.refused == nil && blank(rec.cells) {
			continue
		}
		row := Row{Line: rec.line, Refused: rec.refused}
		var decoded bool
		row.Cells, decoded = r.decode(rec.cells)
		if row.Refused == nil && !decoded {
			row.Refused = &Refusal{NotUTF8, "the file says it is UTF-8, this row is not"}
		}
		if row.Refused == nil {
			row.Lead, row.Refused = r.lead(row.Cells)
		}
		return row, nil
	}
}

// readMark takes a byte order mark away.
func (r *Reader) readMark() error {
	mark, err := r.records.src.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if bytes.HasPrefix(mark, []byte{0xFF, 0xFE}) || bytes.HasPrefix(mark, []byte{0xFE, 0xFF}) {
		return problem("NOT_CSV", "the file is UTF-16", "Save it again as \"CSV UTF-8\".")
	}
	if bytes.HasPrefix(mark, []byte("PK\x03")) {
		return problem("NOT_CSV", "the file is a spreadsheet, not a CSV", "Save it again as \"CSV UTF-8\".")
	}
	if bytes.Equal(mark, []byte("\xEF\xBB\xBF")) {
		r.declared = true
		_, err = r.records.src.Discard(3)
		return err
	}
	return nil
}

// readHeader finds the delimiter in the first line, or is told it by the line
// `sep=;` that some spreadsheets write and read.
func (r *Reader) readHeader() error {
	first, err := r.records.readLine()
	switch {
	case errors.Is(err, io.EOF):
		return problem("EMPTY_FILE", "the file is empty", "The first row must name the columns, one of them email.")
	case err != nil:
		return err
	case first.long:
		return problem("NOT_CSV", "the first line is longer than 64 KiB", "The file does not look like a CSV.")
	case len(first.text) == 5 && strings.EqualFold(string(first.text[:4]), "sep="):
		r.records.comma = first.text[4]
		return r.nameColumns()
	}
	r.records.comma = delimiter(string(first.text))
	r.records.again = []line{first}
	r.records.line--
	return r.nameColumns()
}

func (r *Reader) nameColumns() error {
	rec, err := r.records.next()
	if errors.Is(err, io.EOF) {
		return problem("EMPTY_FILE", "the file has no header row", "The first row must name the columns, one of them email.")
	}
	if err != nil {
		return err
	}
	if rec.refused != nil {
		return problem("BAD_HEADER", "the header row: "+rec.refused.Detail, "")
	}
	r.names, _ = r.decode(rec.cells)
	r.columns, err = header(r.names)
	return err
}

// decode gives the cells in UTF-8. A row that is not UTF-8 is Windows-1252,
// unless a byte order mark promised otherwise; each row is judged by itself, so
// that nothing need be read ahead and files glued together still read right.
func (r *Reader) decode(cells []string) (_ []string, ok bool) {
	if validUTF8(cells) {
		return cells, true
	}
	decoder := charmap.Windows1252.NewDecoder()
	for i, cell := range cells {
		text, err := decoder.String(cell)
		if err != nil {
			text = strings.ToValidUTF8(cell, "\uFFFD")
		}
		cells[i] = text
	}
	return cells, !r.declared
}

func validUTF8(cells []string) bool {
	for _, cell := range cells {
		if !utf8.ValidString(cell) {
			return false
		}
	}
	return true
}

func blank(cells []string) bool {
	for _, cell := range cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}
