package learn

import (
	"bytes"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"sort"
	"strings"
	"time"
)

// Mail writes a case as the mail it stands for (RFC 5322), so that it can go
// the whole way that a reply goes.
func (c Case) Mail() []byte {
	var b bytes.Buffer
	header := func(name, value string) {
		fmt.Fprintf(&b, "%s: %s\r\n", name, strings.Join(strings.Fields(value), " "))
	}
	from := c.From
	if address, err := mail.ParseAddress(c.From); err == nil {
		from = address.String()
	}
	header("From", from)
	header("To", "Rep <rep@ours.example>")
	header("Subject", mime.QEncoding.Encode("utf-8", c.Subject))
	header("Date", c.Received.Format(time.RFC1123Z))
	header("Message-ID", fmt.Sprintf("<%s@company.example>", c.ID))
	for _, name := range c.headerNames() {
		header(name, mime.QEncoding.Encode("utf-8", c.Header(name)))
	}
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	body := quotedprintable.NewWriter(&b)
	body.Write([]byte(c.Body)) // writing to memory cannot fail
	body.Close()
	return b.Bytes()
}

// headerNames lists the case's own headers without those that Mail writes.
func (c Case) headerNames() []string {
	var names []string
	for name := range c.Headers {
		switch strings.ToLower(name) {
		case "from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding":
		default:
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}
