package inbound

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"net/mail"
	"net/textproto"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"drumbeat/internal/outreach"
	"drumbeat/internal/pattern"
)

// maxHeader bounds how much of a header block is looked at, in octets.
const maxHeader = 256 << 10

// header is a header block, read leniently: a line that is no field is skipped
// instead of spoiling the message.
type header map[string][]string

// parseHeader reads the fields up to the first empty line. Names are in
// canonical form, values unfolded and still encoded. A field's lines are joined when
// its end is known: it may have a hundred thousand.
func parseHeader(raw []byte) header {
	fields := make(header)
	name, folds := "", []string(nil)
	finish := func() {
		if len(folds) > 0 {
			fields[name] = append(fields[name], strings.Join(folds, " "))
		}
	}
	for line := range bytes.Lines(raw[:min(len(raw), maxHeader)]) {
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			break
		}
		if text[0] == ' ' || text[0] == '\t' {
			if len(folds) > 0 {
				folds = append(folds, strings.TrimSpace(text))
			}
			continue
		}
		finish()
		folds = nil // of a line that is no field what is folded below it is dropped too
		key, value, found := strings.Cut(text, ":")
		if found && !strings.ContainsAny(strings.TrimRight(key, " \t"), " \t") {
			name, folds = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(key)), []string{strings.TrimSpace(value)}
		}
	}
	finish()
	return fields
}

// get is the first value of a field, empty when there is none.
func (h header) get(name string) string {
	if values := h[textproto.CanonicalMIMEHeaderKey(name)]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// all joins the values of a field.
func (h header) all(name string) string {
	return strings.Join(h[textproto.CanonicalMIMEHeaderKey(name)], " ")
}

// text is the first value of a field, decoded (RFC 2047) and fit for storing.
func (h header) text(name string) string { return decodeWords(h.get(name)) }

func decodeWords(s string) string {
	decoder := mime.WordDecoder{CharsetReader: func(charset string, input io.Reader) (io.Reader, error) {
		enc, err := htmlindex.Get(charset)
		if err != nil {
			return nil, err
		}
		return enc.NewDecoder().Reader(input), nil
	}}
	decoded, err := decoder.DecodeHeader(s)
	if err != nil {
		decoded = s
	}
	return storable(decoded, maxLine)
}

// maxLine bounds a stored name or subject, in runes.
const maxLine = 998

// storable makes a text that Postgres takes: valid UTF-8 without NUL, of at
// most limit runes.
func storable(s string, limit int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
	n := 0
	for i := range s {
		if n++; n > limit {
			return s[:i]
		}
	}
	return s
}

var addrSpec = pattern.New(`[^\s<>()\[\],;:"]+@[^\s<>()\[\],;:"]+`)

// address reads the first address of a field, also of one that RFC 5322 would
// refuse.
func (h header) address(name string) outreach.Address {
	value := h.get(name)
	if list, err := mail.ParseAddressList(value); err == nil && len(list) > 0 {
		return outreach.Address{Name: decodeWords(list[0].Name), Email: storable(list[0].Address, maxLine)}
	}
	// The address stands last: a display name may hold another one to deceive.
	found := addrSpec.FindAllString(value, -1)
	if len(found) == 0 {
		return outreach.Address{}
	}
	return outreach.Address{Email: storable(found[len(found)-1], maxLine)}
}

// maxRecipients bounds how many addresses of one message are looked up.
const maxRecipients = 100

// recipients are the keys of all addresses that a message went to.
func (h header) recipients() []string {
	var keys []string
	for _, address := range addrSpec.FindAllString(h.all("To")+" "+h.all("Cc")+" "+h.all("Bcc"), maxRecipients) {
		keys = append(keys, outreach.AddressKey(storable(address, maxLine)))
	}
	return distinct(keys)
}

var messageID = pattern.New(`<[^<>\s]{1,400}@[^<>\s]{1,400}>`)

// thread lists the Message-IDs that the message answers, from References and
// In-Reply-To, whatever separates them (Exchange and iOS write commas).
func (h header) thread() []string {
	return messageIDs(h.all("References") + " " + h.all("In-Reply-To"))
}

// messageIDs lists the Message-IDs in a text, fit for asking the database.
func messageIDs(text string) []string {
	return distinct(messageID.FindAllString(storable(text, maxHeader), maxIDs))
}

// maxIDs bounds how many Message-IDs of one message are looked up.
const maxIDs = 200

// contentKey is the same for every copy of a message, in whatever folder it
// lies and whatever a filter wrote on top of it.
func (h header) contentKey() string {
	sum := sha256.New()
	for _, name := range []string{"Message-Id", "Date", "From", "To", "Subject", "In-Reply-To", "Content-Type"} {
		io.WriteString(sum, name+"\x00"+h.all(name)+"\x00")
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// bodySum hashes what stands below the header.
func bodySum(raw []byte) string {
	_, body, found := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !found {
		_, body, _ = bytes.Cut(raw, []byte("\n\n"))
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// distinct removes repetitions and keeps the order.
func distinct(all []string) []string {
	seen := make(map[string]bool, len(all))
	var kept []string
	for _, s := range all {
		if s != "" && !seen[s] {
			seen[s] = true
			kept = append(kept, s)
		}
	}
	return kept
}
