package reply

import (
	"strings"

	"drumbeat/internal/outreach"
)

// pieces is a body taken apart by who wrote what.
type pieces struct {
	text, quoted, forwarded, signature string
	answers                            []Answer
}

// What is read of a body, head and tail: nobody writes more than that anew,
// whatever hangs below. Both bound the work on a hostile mail: patterns cost by
// the byte and by the line.
const (
	maxBody  = 512 << 10
	maxLines = 8_000
)

// split takes a body apart in one pass over its lines.
func split(body string, sender outreach.Address) pieces {
	s := &splitter{lines: boundLines(strings.Split(boundBody(body), "\n"))}
	for s.at < len(s.lines) {
		s.step()
	}
	return s.pieces(sender)
}

// boundBody keeps the first three quarters and the last quarter of maxBody:
// an answer may stand below a huge quote.
func boundBody(body string) string {
	if len(body) <= maxBody {
		return body
	}
	head, tail := body[:maxBody/4*3], body[len(body)-maxBody/4:]
	if end := strings.LastIndexByte(head, '\n'); end >= 0 {
		head = head[:end] // whole lines, but for a mail of one endless line
	}
	return strings.ToValidUTF8(head, "") + "\n" + strings.ToValidUTF8(tail[strings.IndexByte(tail, '\n')+1:], "")
}

// boundLines does the same by lines.
func boundLines(lines []string) []string {
	if len(lines) <= maxLines {
		return lines
	}
	return append(lines[:maxLines/4*3:maxLines/4*3], lines[len(lines)-maxLines/4:]...)
}

// splitter walks over the lines of a body.
type splitter struct {
	lines     []string
	at        int
	segments  [][]string       // new text between quotes
	above     map[int][]string // by segment: the lines quoted right above it
	pending   []string         // quoted lines that no new text has followed yet
	quoted    []string
	forwarded []string
	signature []string
	mobile    []string // like a phone's signature, but perhaps words: used when there are no others

	spoken    bool // the sender has said something
	announced bool // any quote was announced
	bars      bool // lines in '|' are a quote
	tries     int  // how often a line was tried as the beginning of a quote
}

// maxTries bounds the lines that are tried as the beginning of a quote; each
// costs a look at the lines behind it, and no honest mail has so many.
const maxTries = 200

// attributionAt is attribution within the bound.
func (s *splitter) attributionAt(i int) (from, to int, ok bool) {
	if s.tries >= maxTries || !mayBeginAttribution(s.lines[i]) {
		return 0, 0, false
	}
	s.tries++
	return attribution(s.lines, i)
}

// headerBlockAt is headerBlock within the bound.
func (s *splitter) headerBlockAt(i int) (to int, ok bool) {
	if s.tries >= maxTries || !mayBeHeader(s.lines[i]) || !headerLine.MatchString(s.lines[i]) {
		return 0, false
	}
	s.tries++
	return headerBlock(s.lines, i)
}

// step takes the line at s.at, and those that belong to it.
func (s *splitter) step() {
	line := s.lines[s.at]
	switch {
	case s.quoteLine(line):
		s.quoted = append(s.quoted, unquote(line))
		s.pending = append(s.pending, unquote(line))
		s.newSegment()
		s.at++
	case !short(line):
		s.keep(line)
	case s.forward(line), s.original(line), s.block(), s.attribution(), s.delimiter(line):
	case mobileLine.MatchString(line) && s.loneLine():
		s.signature = append(s.signature, line)
		if strings.Contains(line, ",") || len(strings.Fields(line)) > 6 {
			s.mobile = append(s.mobile, strings.TrimSpace(line))
		}
		s.at++
	case !s.spoken && banner.MatchString(line) && bannerShape.MatchString(line):
		s.at++
	default:
		s.keep(line)
	}
}

// keep adds a line to the new text.
func (s *splitter) keep(line string) {
	if len(s.segments) == 0 {
		s.segments = append(s.segments, nil)
	}
	last := len(s.segments) - 1
	s.segments[last] = append(s.segments[last], strings.TrimRight(line, " \t"))
	if strings.TrimSpace(line) != "" {
		s.bars, s.spoken = false, true
		s.answers(last)
	}
	s.at++
}

// newSegment begins a new segment after a quote.
func (s *splitter) newSegment() {
	if n := len(s.segments); n == 0 || len(s.segments[n-1]) > 0 {
		s.segments = append(s.segments, nil)
	}
}

// loneLine tells whether a line that reads like a mobile signature is no
// sentence: "Sent from my iPhone" is short.
func (s *splitter) loneLine() bool {
	return len(strings.Fields(s.lines[s.at])) <= 14 && !strings.HasSuffix(s.lines[s.at], "?")
}

// quoteLine tells whether a line is quoted: by '>', by '|' under an
// attribution, or as the rest of a quoted line that was wrapped on the way.
func (s *splitter) quoteLine(line string) bool {
	if quoteDepth(line) > 0 {
		return true
	}
	if s.bars && strings.HasPrefix(strings.TrimLeft(line, " "), "|") {
		return true
	}
	if s.at == 0 || s.at+1 >= len(s.lines) || strings.TrimSpace(line) == "" {
		return false
	}
	above, below := s.lines[s.at-1], s.lines[s.at+1]
	return quoteDepth(above) > 0 && quoteDepth(below) > 0 && runeLen(above) >= 70 &&
		!strings.ContainsAny(above[len(above)-1:], ".?!:") && runeLen(line) < 40
}

// rest hands all remaining lines over.
func (s *splitter) rest() []string {
	rest := s.lines[s.at:]
	s.at = len(s.lines)
	return rest
}

// forward takes a forwarded mail: all that follows its mark.
func (s *splitter) forward(line string) bool {
	titled := dashedTitle.MatchString(line) && forwardWord.MatchString(line)
	if !titled && !forwardHead.MatchString(line) {
		return false
	}
	s.at++
	s.forwarded = s.rest()
	return true
}

// original takes what follows "-----Original Message-----".
func (s *splitter) original(line string) bool {
	if !dashedTitle.MatchString(line) {
		return false
	}
	s.announced = true
	s.quoted = append(s.quoted, s.rest()[1:]...)
	return true
}

// block takes what follows a header block. Where quote marks follow instead,
// the answers stand between them.
func (s *splitter) block() bool {
	to, ok := s.headerBlockAt(s.at)
	if !ok {
		return false
	}
	s.announced = true
	if s.marksFollow(to) {
		s.at = to
		return true
	}
	s.at = to
	s.quoted = append(s.quoted, s.rest()...)
	return true
}

// attribution takes "On ... wrote:" and, where no quote marks follow but the
// sender has said something above, everything below it.
func (s *splitter) attribution() bool {
	from, to, ok := s.attributionAt(s.at)
	if !ok {
		return false
	}
	for s.at < from {
		s.keep(s.lines[s.at])
	}
	s.at, s.announced, s.bars = to, true, true
	if s.spoken && !s.marksFollow(to) {
		s.quoted = append(s.quoted, s.rest()...)
	}
	return true
}

// marksFollow tells whether the next line that is not blank is quoted.
func (s *splitter) marksFollow(i int) bool {
	for ; i < len(s.lines); i++ {
		if line := strings.TrimSpace(s.lines[i]); line != "" {
			return quoteDepth(line) > 0 || s.bars && strings.HasPrefix(line, "|")
		}
	}
	return false
}

// delimiter takes a rule above a header block, and the signature under "--".
func (s *splitter) delimiter(line string) bool {
	if rule.MatchString(line) {
		return s.ruleLine()
	}
	if !sigDashes.MatchString(line) || !s.spoken {
		return false
	}
	s.at++
	for s.at < len(s.lines) && !s.quoteBegins() {
		s.signature = append(s.signature, s.lines[s.at])
		s.at++
	}
	return true
}

// ruleLine drops a rule that stands above quoted mail.
func (s *splitter) ruleLine() bool {
	for i := s.at + 1; i < len(s.lines); i++ {
		if strings.TrimSpace(s.lines[i]) == "" {
			continue
		}
		_, block := s.headerBlockAt(i)
		_, _, attributed := s.attributionAt(i)
		if block || attributed {
			s.at = i
			return true
		}
		return false
	}
	s.at++
	return true
}

// quoteBegins tells whether quoted mail begins at the current line.
func (s *splitter) quoteBegins() bool {
	line := s.lines[s.at]
	if quoteDepth(line) > 0 {
		return true
	}
	if !short(line) {
		return false
	}
	_, block := s.headerBlockAt(s.at)
	_, _, attributed := s.attributionAt(s.at)
	return block || attributed || dashedTitle.MatchString(line) || forwardHead.MatchString(line)
}

// pieces joins what was gathered. A mail without a word of its own is what it
// forwards, or its unannounced quote: then somebody pasted it.
func (s *splitter) pieces(sender outreach.Address) pieces {
	lines := joinSegments(s.segments)
	text, signature := cutSignature(lines, sender)
	p := pieces{
		text:      strings.TrimSpace(strings.Join(text, "\n")),
		quoted:    strings.TrimSpace(strings.Join(s.quoted, "\n")),
		forwarded: strings.TrimSpace(strings.Join(s.forwarded, "\n")),
		signature: strings.TrimSpace(strings.Join(append(signature, s.signature...), "\n")),
		answers:   s.pairs(len(text)),
	}
	if p.text == "" && p.forwarded != "" {
		p.text = strings.TrimSpace(withoutHeaders(p.forwarded))
	}
	if p.text == "" && len(s.mobile) > 0 {
		p.text = strings.Join(s.mobile, "\n")
	}
	if p.text == "" && p.quoted != "" && !s.announced {
		p.text = quoteMarked(p.quoted)
	}
	return p
}

// withoutHeaders drops the header lines on top of a forwarded mail.
func withoutHeaders(forwarded string) string {
	lines := strings.Split(forwarded, "\n")
	if to, ok := headerBlock(lines, 0); ok {
		return strings.Join(lines[to:], "\n")
	}
	return forwarded
}

func quoteMarked(text string) string {
	return "> " + strings.ReplaceAll(text, "\n", "\n> ")
}

// joinSegments puts the answers between quotes under each other.
func joinSegments(segments [][]string) []string {
	var out []string
	for _, segment := range segments {
		out = append(out, trimBlank(segment)...)
	}
	return out
}

// trimBlank drops blank lines at both ends.
func trimBlank(lines []string) []string {
	for len(lines) > 0 && strings.TrimSpace(lines[0]) == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}
