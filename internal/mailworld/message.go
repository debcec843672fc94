package mailworld

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"drumbeat/internal/outreach"
)

// field is one header line.
type field struct{ name, value string }

// part is one MIME part.
type part struct {
	contentType string // with its parameters
	body        string // lines end in LF
	asIs        bool   // seven-bit already; else quoted-printable
}

// letter is a message on its way to a rep.
type letter struct {
	from, to   mail.Address
	returnPath string // empty: the null reverse-path of automatic mail
	subject    string
	at         time.Time
	id         string // Message-ID with angle brackets
	extra      []field
	multipart  string // alternative, or report with its parameter; used with more than one part
	parts      []part
}

// render writes the message as it lies in a mailbox. Its boundary and ids come
// from the Message-ID: the same script gives the same bytes.
func (l letter) render() []byte {
	var out strings.Builder
	stamp := l.at.Format(time.RFC1123Z)
	host := outreach.Domain(l.from.Address)
	header(&out, "Return-Path", "<"+l.returnPath+">")
	header(&out, "Received", fmt.Sprintf("from mail.%s (mail.%s [192.0.2.25])\r\n\tby mx.world.example with ESMTPS; %s", host, host, stamp))
	header(&out, "From", l.from.String())
	header(&out, "To", l.to.String())
	header(&out, "Subject", encodeWord(l.subject))
	header(&out, "Date", stamp)
	header(&out, "Message-ID", l.id)
	for _, f := range l.extra {
		header(&out, f.name, f.value)
	}
	header(&out, "MIME-Version", "1.0")
	if len(l.parts) == 1 {
		l.parts[0].write(&out)
		return []byte(out.String())
	}
	boundary := "b1_" + shortHash(l.id)
	kind, parameter, _ := strings.Cut(l.multipart, ";")
	if parameter != "" {
		parameter = ";" + parameter
	}
	header(&out, "Content-Type", fmt.Sprintf("multipart/%s%s;\r\n\tboundary=\"%s\"", kind, parameter, boundary))
	out.WriteString("\r\n")
	for _, p := range l.parts {
		out.WriteString("--" + boundary + "\r\n")
		p.write(&out)
		out.WriteString("\r\n")
	}
	out.WriteString("--" + boundary + "--\r\n")
	return []byte(out.String())
}

func (p part) write(out *strings.Builder) {
	header(out, "Content-Type", p.contentType)
	if p.asIs {
		out.WriteString("\r\n" + strings.ReplaceAll(strings.ReplaceAll(p.body, "\r\n", "\n"), "\n", "\r\n"))
		return
	}
	header(out, "Content-Transfer-Encoding", "quoted-printable")
	out.WriteString("\r\n")
	encoder := quotedprintable.NewWriter(out)
	_, _ = encoder.Write([]byte(p.body)) // a strings.Builder does not fail
	_ = encoder.Close()
	out.WriteString("\r\n")
}

func header(out *strings.Builder, name, value string) { out.WriteString(name + ": " + value + "\r\n") }

func encodeWord(s string) string {
	if utf8.RuneCountInString(s) == len(s) {
		return s
	}
	return mime.QEncoding.Encode("utf-8", s)
}

func textPart(body string) part { return part{contentType: "text/plain; charset=utf-8", body: body} }

func htmlPart(body string) part { return part{contentType: "text/html; charset=utf-8", body: body} }

func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}
