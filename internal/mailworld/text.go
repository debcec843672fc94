package mailworld

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// textOf gives the plain text of a mail, or of its first text part; for a mail
// that cannot be read, its bytes.
func textOf(raw []byte) string {
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return string(raw)
	}
	text, found := partText(message.Header.Get("Content-Type"), message.Header.Get("Content-Transfer-Encoding"), message.Body)
	if !found {
		return string(raw)
	}
	return strings.ReplaceAll(text, "\r\n", "\n")
}

func partText(contentType, encoding string, body io.Reader) (string, bool) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				return "", false
			}
			text, found := partText(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
			if found {
				return text, true
			}
		}
	}
	if kind != "text/plain" {
		return "", false
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	return string(text), err == nil
}
