package spool

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"
	"time"

	"drumbeat/internal/outreach"
)

// A line is a CRC-32C of the JSON in eight hexadecimal digits, a space, the JSON
// and a line feed. What a crash tore, or a disk spoilt, fails the sum and is left
// out.

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// entry is the JSON of a line. Names are short, since every mail writes one.
type entry struct {
	Send      outreach.SendID `json:"s"`
	Fence     int64           `json:"f"`
	MessageID string          `json:"m"`
	Key       string          `json:"k"`
	Step      int             `json:"i"`
	Recipient string          `json:"r"`
	At        time.Time       `json:"t"`
	Code      int             `json:"c"`
}

const sumLength = 8

// encode gives the line of a note.
func encode(a outreach.Accepted) ([]byte, error) {
	content, err := json.Marshal(entry{a.SendID, a.Fence, a.RFCMessageID, a.DedupeKey, a.StepIndex, a.Recipient, a.At.UTC(), a.Code})
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	line := make([]byte, 0, sumLength+len(content)+2)
	line = fmt.Appendf(line, "%08x ", crc32.Checksum(content, castagnoli))
	return append(append(line, content...), '\n'), nil
}

// decode reads all whole lines; bad counts those that are not.
func decode(content []byte) (notes []outreach.Accepted, bad int) {
	for len(content) > 0 {
		line, rest, whole := bytes.Cut(content, []byte("\n"))
		content = rest
		note, ok := decodeLine(line)
		if !whole || !ok {
			bad++
			continue
		}
		notes = append(notes, note)
	}
	return notes, bad
}

func decodeLine(line []byte) (outreach.Accepted, bool) {
	if len(line) < sumLength+2 || line[sumLength] != ' ' {
		return outreach.Accepted{}, false
	}
	sum, err := strconv.ParseUint(string(line[:sumLength]), 16, 32)
	content := line[sumLength+1:]
	if err != nil || uint32(sum) != crc32.Checksum(content, castagnoli) {
		return outreach.Accepted{}, false
	}
	var e entry
	if json.Unmarshal(content, &e) != nil {
		return outreach.Accepted{}, false
	}
	return outreach.Accepted{
		SendID: e.Send, Fence: e.Fence, RFCMessageID: e.MessageID, DedupeKey: e.Key, StepIndex: e.Step, Recipient: e.Recipient, At: e.At, Code: e.Code,
	}, true
}
