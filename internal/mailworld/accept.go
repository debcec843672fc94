package mailworld

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/textproto"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// Accept is one mail that the SMTP server took responsibility for.
type Accept struct {
	Seq       int       `json:"seq"` // 1, 2, 3 ... in the order of acceptance
	At        time.Time `json:"at"`  // sales time
	From      string    `json:"from"`
	To        string    `json:"to"`
	MessageID string    `json:"message_id"` // with angle brackets
	Subject   string    `json:"subject"`
	Raw       []byte    `json:"-"` // as it came, without dot-stuffing; nil with DiscardRaw
}

// Accepted gives the log so far, oldest first.
func (w *World) Accepted() []Accept {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.accepts)
}

// AcceptCount is how many mails have been accepted.
func (w *World) AcceptCount() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.accepts)
}

// accept writes a mail into the log, hands it to a rep's mailbox if it is for
// one, and lets a scripted lead think about it.
func (w *World) accept(from, to string, raw []byte) error {
	at := w.options.Clock.Now()
	entry := Accept{At: at, From: from, To: to, MessageID: headerOf(raw, "Message-ID"), Subject: subjectOf(raw), Raw: raw}
	w.mu.Lock()
	w.seq++
	entry.Seq = w.seq
	if err := w.log(entry); err != nil {
		w.mu.Unlock()
		return err
	}
	if w.options.DiscardRaw {
		entry.Raw = nil
	}
	w.accepts = append(w.accepts, entry)
	w.schedule(entry, raw)
	w.mu.Unlock()
	if w.options.FilesSent && w.mailboxes.has(from) {
		if err := w.DeliverTo(from, "Sent", raw, at); err != nil {
			return err
		}
	}
	if w.mailboxes.has(to) {
		return w.DeliverTo(to, "INBOX", raw, at)
	}
	return nil
}

// log appends to the file, in one write so that a killed reader or writer
// leaves whole lines.
func (w *World) log(entry Accept) error {
	if w.logFile == nil {
		return nil
	}
	line, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	if _, err := w.logFile.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("mail world: log: %w", err)
	}
	return nil
}

// ReadLog reads a log file that a world wrote, whether it still runs or was
// killed: a last line without its end is left out.
func ReadLog(file string) ([]Accept, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("mail world: log: %w", err)
	}
	var entries []Accept
	for line := range bytes.Lines(content) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		var entry Accept
		if err := json.Unmarshal(line, &entry); err != nil {
			return nil, fmt.Errorf("mail world: log: line %d: %w", len(entries)+1, err)
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

var urls = regexp.MustCompile(`https?://\S+|mailto:\S+`)

// Duplicates counts surplus accepts: mails with the recipient, the subject and
// the text of an earlier one. URLs are left out, since they may hold a token.
func (w *World) Duplicates() int {
	type key struct{ to, subject, text string }
	seen := map[key]bool{}
	surplus := 0
	for _, entry := range w.Accepted() {
		text := urls.ReplaceAllString(textOf(entry.Raw), "")
		k := key{outreach.AddressKey(entry.To), entry.Subject, strings.Join(strings.Fields(text), " ")}
		if seen[k] {
			surplus++
		}
		seen[k] = true
	}
	return surplus
}

// headerOf gives a header field of a raw mail, unfolded. It reads no further
// than needed: the bench accepts thousands of mails a second.
func headerOf(raw []byte, name string) string {
	name = textproto.CanonicalMIMEHeaderKey(name)
	for len(raw) > 0 {
		line, rest, _ := bytes.Cut(raw, []byte("\r\n"))
		if len(line) == 0 {
			return ""
		}
		if len(line) > len(name) && line[len(name)] == ':' && strings.EqualFold(string(line[:len(name)]), name) {
			value := string(line[len(name)+1:])
			for len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
				line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
				value += string(line)
			}
			return strings.TrimSpace(value)
		}
		raw = rest
	}
	return ""
}

func subjectOf(raw []byte) string {
	subject := headerOf(raw, "Subject")
	if decoded, err := new(mime.WordDecoder).DecodeHeader(subject); err == nil {
		return decoded
	}
	return subject
}
