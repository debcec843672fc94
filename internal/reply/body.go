package reply

import "strings"

// bodyText is the text that a reader of the mail sees: the text parts, or what
// the HTML says where the text part is blank or absent.
func bodyText(leaves []*part) string {
	plain := joinText(leaves, "text/plain", func(p *part) string {
		if strings.EqualFold(p.params["format"], "flowed") {
			return unflow(p.text(), strings.EqualFold(p.params["delsp"], "yes"))
		}
		return p.text()
	})
	if strings.TrimSpace(plain) != "" {
		return plain
	}
	return joinText(leaves, "text/html", func(p *part) string { return htmlText(p.text()) })
}

// joinText joins the parts of a type that are not attachments.
func joinText(leaves []*part, mediaType string, text func(*part) string) string {
	var b strings.Builder
	for _, p := range leaves {
		if p.mediaType != mediaType || p.attachment {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(text(p))
	}
	return b.String()
}
