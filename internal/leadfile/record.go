package leadfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// A record is longer than this only when a quote was never closed or the file
// is not a CSV at all.
const (
	maxLine        = 64 << 10 // octets
	maxRecordLines = 50
)

// records splits a file into records (RFC 4180, with any of three delimiters).
// Unlike encoding/csv it survives a quote that is never closed: it refuses that
// one line and reads on behind it, instead of taking the rest of the file for
// one cell.
type records struct {
	src   *bufio.Reader
	comma byte
	line  int    // number of the last physical line taken
	again []line // lines that were read in search of a closing quote
}

type line struct {
	text []byte // without its end
	long bool   // longer than maxLine; the text was passed over
}

type record struct {
	line    int
	cells   []string
	refused *Refusal
}

func newRecords(src io.Reader) *records {
	return &records{src: bufio.NewReaderSize(src, maxLine), comma: ','}
}

// next gives the next record, io.EOF behind the last.
func (r *records) next() (record, error) {
	first, err := r.readLine()
	if err != nil {
		return record{}, err
	}
	if first.long {
		return record{line: r.line, refused: &Refusal{TooLong, "the line is longer than 64 KiB"}}, nil
	}
	if cells, closed := split(string(first.text), r.comma); closed {
		return record{line: r.line, cells: cells}, nil
	}
	return r.joinLines(string(first.text))
}

// joinLines looks for the line that closes the quote of the first.
func (r *records) joinLines(first string) (record, error) {
	start, text := r.line, first
	var taken []line
	for len(taken) < maxRecordLines && len(text) < maxLine {
		next, err := r.readLine()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return record{}, err
		}
		taken = append(taken, next)
		if next.long {
			break
		}
		text += "\n" + string(next.text)
		if cells, closed := split(text, r.comma); closed {
			return record{line: start, cells: cells}, nil
		}
	}
	r.again = append(taken, r.again...)
	r.line = start
	cells, _ := split(first, r.comma)
	return record{line: start, cells: cells, refused: &Refusal{OpenQuote, "a quote is opened and never closed"}}, nil
}

// readLine gives the next line, io.EOF behind the last.
func (r *records) readLine() (line, error) {
	if len(r.again) > 0 {
		next := r.again[0]
		r.again = r.again[1:]
		r.line++
		return next, nil
	}
	text, err := r.src.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		r.line++
		return line{long: true}, r.skipLine()
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(text) == 0) {
		return line{}, err
	}
	r.line++
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	return line{text: bytes.Clone(text)}, nil
}

func (r *records) skipLine() error {
	for {
		_, err := r.src.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
}

// split cuts a record into cells; closed is false when its last quote is open.
func split(s string, comma byte) (cells []string, closed bool) {
	for {
		var cell string
		rest, found := "", false
		if strings.HasPrefix(s, `"`) {
			text, behind, ok := quoted(s[1:])
			if !ok {
				return append(cells, text), false
			}
			// What stands between the quote and the delimiter is taken as it is: "Acme" GmbH.
			var tail string
			tail, rest, found = strings.Cut(behind, string(comma))
			cell = text + tail
		} else {
			cell, rest, found = strings.Cut(s, string(comma))
		}
		cells = append(cells, cell)
		if !found {
			return cells, true
		}
		s = rest
	}
}

// quoted reads up to the closing quote; a doubled quote is one quote.
func quoted(s string) (text, rest string, ok bool) {
	end := strings.IndexByte(s, '"')
	if end >= 0 && !strings.HasPrefix(s[end+1:], `"`) {
		return s[:end], s[end+1:], true // by far the most frequent
	}
	var b strings.Builder
	for end >= 0 {
		if !strings.HasPrefix(s[end+1:], `"`) {
			b.WriteString(s[:end])
			return b.String(), s[end+1:], true
		}
		b.WriteString(s[:end+1])
		s = s[end+2:]
		end = strings.IndexByte(s, '"')
	}
	b.WriteString(s)
	return b.String(), "", false
}
