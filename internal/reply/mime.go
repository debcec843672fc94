package reply

import (
	"bytes"
	"net/textproto"
	"strings"

	"github.com/jhillyerd/enmime/v2"
	"github.com/jhillyerd/enmime/v2/mediatype"

	"drumbeat/internal/pattern"
)

// unconverted is a charset that enmime does not know: it then leaves the bytes
// alone and toUTF8 decides. enmime itself would read UTF-8 without a label as
// ASCII, or guess.
const unconverted = "x-unconverted"

// part is a leaf of the MIME tree.
type part struct {
	mediaType  string // lower case; text/plain when none is declared
	params     map[string]string
	header     textproto.MIMEHeader
	content    []byte // decoded; text is UTF-8 unless charset is set
	charset    string // still to be applied
	attachment bool
}

// text is the part's content as clean text.
func (p *part) text() string { return clean(toUTF8(p.content, p.charset)) }

// envelope is a mail after MIME: its header and its leaves in order.
type envelope struct {
	header textproto.MIMEHeader
	leaves []*part
}

// readMIME parses a prepared mail. What enmime cannot read is kept as one
// text part, so that no mail is lost for its form.
func readMIME(prepared []byte) envelope {
	root, err := mimeParser().ReadParts(bytes.NewReader(prepared))
	if err != nil || root == nil {
		return plainEnvelope(prepared)
	}
	e := envelope{header: root.Header}
	e.collect(root)
	if e.silent() {
		return e.salvage(prepared)
	}
	return e
}

// silent tells whether no part holds a byte.
func (e *envelope) silent() bool {
	for _, p := range e.leaves {
		if len(bytes.TrimSpace(p.content)) > 0 {
			return false
		}
	}
	return true
}

// salvage reads a multipart whose boundary was changed on the way: by the
// first line that looks like one, else as plain text.
func (e *envelope) salvage(prepared []byte) envelope {
	plain := plainEnvelope(prepared)
	out := envelope{header: e.header, leaves: plain.leaves}
	m := lostBoundary.FindSubmatch(plain.leaves[0].content)
	if m == nil || strings.Contains(e.header.Get("Content-Type"), `"`+string(m[1])+`"`) {
		return out
	}
	repaired := append([]byte("Content-Type: multipart/mixed; boundary=\""+string(m[1])+"\"\n\n"), plain.leaves[0].content...)
	root, err := mimeParser().ReadParts(bytes.NewReader(repaired))
	if err != nil || root == nil {
		return out
	}
	found := envelope{header: e.header}
	if found.collect(root); found.silent() {
		return out
	}
	return found
}

// lostBoundary is a boundary line followed by a part's header.
var lostBoundary = pattern.New(`(?m)^--([^\s"]{5,70})\n[Cc]ontent-[A-Za-z-]{4,30}:`)

func mimeParser() *enmime.Parser {
	return enmime.NewParser(
		enmime.SkipMalformedParts(true),
		enmime.MultipartWOBoundaryAsSinglePart(true),
		enmime.DisableTextConversion(true),
		enmime.DisableCharacterDetection(true),
		enmime.MaxStoredPartErrors(10),
		enmime.SetReadPartErrorPolicy(func(*enmime.Part, error) bool { return true }),
		enmime.SetCustomParseMediaType(parseMediaType),
	)
}

// parseMediaType is enmime's tolerant parser with the charsets that need a
// second look hidden from it.
func parseMediaType(value string) (string, map[string]string, []string, error) {
	mediaType, params, invalid, err := mediatype.ParseWithOptions(value, mediatype.ParseOptions{StripMediaTypeInvalidCharacters: true})
	if err != nil {
		return "text/plain", map[string]string{"charset": unconverted}, nil, nil
	}
	switch strings.ToLower(params["charset"]) {
	case "", "us-ascii", "ascii", "utf-8", "utf8", "unknown-8bit", "x-unknown":
		if params == nil {
			params = map[string]string{}
		}
		params["charset"] = unconverted
	}
	return mediaType, params, invalid, nil
}

// plainEnvelope reads a mail by hand: header lines, then text.
func plainEnvelope(prepared []byte) envelope {
	head, body := splitHeader(prepared)
	return envelope{
		header: plainHeader(head),
		leaves: []*part{{mediaType: "text/plain", header: textproto.MIMEHeader{}, content: body}},
	}
}

// plainHeader reads "Name: value" lines with their continuations, which are joined
// when their end is known: a field may be folded a hundred thousand times.
func plainHeader(head []byte) textproto.MIMEHeader {
	header := textproto.MIMEHeader{}
	name, folds := "", []string(nil)
	finish := func() {
		if len(folds) > 0 {
			header[name] = append(header[name], strings.Join(folds, " "))
		}
	}
	for len(head) > 0 {
		line := nextLine(head)
		head = head[len(line):]
		text := string(bytes.TrimRight(line, "\n"))
		if strings.HasPrefix(text, " ") || strings.HasPrefix(text, "\t") {
			if len(folds) > 0 {
				folds = append(folds, strings.TrimSpace(text))
			}
			continue
		}
		key, value, ok := strings.Cut(text, ":")
		if !ok || strings.ContainsAny(key, " \t") {
			continue
		}
		finish()
		name, folds = textproto.CanonicalMIMEHeaderKey(key), []string{strings.TrimSpace(value)}
	}
	finish()
	return header
}

// collect walks the tree without recursion and gathers its leaves.
func (e *envelope) collect(root *enmime.Part) {
	for p := root; p != nil; {
		if p.FirstChild != nil {
			p = p.FirstChild
			continue
		}
		e.leaves = append(e.leaves, leaf(p))
		for p != nil && p != root && p.NextSibling == nil {
			p = p.Parent
		}
		if p == root || p == nil {
			return
		}
		p = p.NextSibling
	}
}

func leaf(p *enmime.Part) *part {
	mediaType := strings.ToLower(p.ContentType)
	if mediaType == "" || strings.HasPrefix(mediaType, "multipart/") {
		mediaType = "text/plain"
	}
	_, params, _, _ := parseMediaType(p.Header.Get("Content-Type")) // enmime keeps them only in parts it builds
	return &part{
		mediaType:  mediaType,
		params:     params,
		header:     p.Header,
		content:    p.Content,
		attachment: strings.EqualFold(p.Disposition, "attachment") || p.FileName != "" && !strings.HasPrefix(mediaType, "text/"),
	}
}
