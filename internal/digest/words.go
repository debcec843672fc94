package digest

import (
	"fmt"
	htmltemplate "html/template"
	"io"
	"io/fs"
	"regexp"
	"strings"
	texttemplate "text/template"
	"time"
	"unicode/utf8"

	"drumbeat/internal/outreach"
)

// atMost is how many entries of a section a digest shows; the pages show all.
const atMost = 10

// longestWords is how much of a reply a digest quotes, in runes.
const longestWords = 600

// Words puts digests and alerts into text and HTML. Everything that a lead
// wrote is escaped; nothing of it becomes a link or an image.
type Words struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

// LoadWords parses digest/*.txt and digest/*.html of the templates.
func LoadWords(templates fs.FS) (*Words, error) {
	text, err := texttemplate.New("").Funcs(functions()).ParseFS(templates, "digest/*.txt")
	if err != nil {
		return nil, fmt.Errorf("digest templates: %w", err)
	}
	html, err := htmltemplate.New("").Funcs(functions()).ParseFS(templates, "digest/*.html")
	if err != nil {
		return nil, fmt.Errorf("digest templates: %w", err)
	}
	return &Words{text: text, html: html}, nil
}

// blankLines are what sections that are left out leave behind.
var blankLines = regexp.MustCompile(`\n\s*\n(\s*\n)+`)

// page is what the templates see.
type page struct {
	Rep      Rep
	Day      outreach.Day
	Now      time.Time // in the rep's zone
	Sections []section
	Candidates,
	Tasks,
	Back,
	NeedsData list
	Health []string
	Pages  string
}

// section is a part of the digest that holds replies.
type section struct {
	Title   string
	Note    string
	Replies []outreach.DigestReply
	More    int
}

// list is a part that holds lines.
type list struct {
	Title string
	Lines []outreach.DigestLine
	More  int
}

// Digest writes a digest.
func (w *Words) Digest(rep Rep, day outreach.Day, now time.Time, items outreach.DigestItems, pages string) (outreach.Content, error) {
	p := page{
		Rep: rep, Day: day, Now: now.In(rep.Zone), Pages: pages, Health: items.Health,
		Candidates: listOf("People whom replies named: shall they become leads?", items.Candidates),
		Tasks:      listOf("Tasks due today", items.Tasks),
		Back:       listOf("Back today, as they asked", items.Back),
		NeedsData:  listOf("Steps that wait for data", items.NeedsData),
	}
	for _, s := range []section{
		sectionOf("Answer first", "They want to talk. The one who waits longest stands first.", items.Answer),
		sectionOf("Objections, with an answer ready", "Read the draft, make it yours, send it.", items.Objections),
		sectionOf("Please decide", "These were not understood with certainty. No mail goes to them until you decide.", items.Triage),
	} {
		if len(s.Replies) > 0 {
			p.Sections = append(p.Sections, s)
		}
	}
	return w.content("digest", subject(day, items), p)
}

// Alert writes an alert about one reply.
func (w *Words) Alert(rep Rep, now time.Time, reply outreach.DigestReply, pages string) (outreach.Content, error) {
	p := page{Rep: rep, Day: outreach.DayOf(now.In(rep.Zone)), Now: now.In(rep.Zone), Pages: pages,
		Sections: []section{{Replies: []outreach.DigestReply{reply}}}}
	what := labelWords(reply.Label)
	return w.content("alert", oneLine(fmt.Sprintf("%s: %s", reply.LeadName, what)), p)
}

func (w *Words) content(name, subject string, p page) (outreach.Content, error) {
	text, err := execute(func(out io.Writer) error { return w.text.ExecuteTemplate(out, name+".txt", p) })
	if err != nil {
		return outreach.Content{}, err
	}
	text = strings.TrimSpace(blankLines.ReplaceAllString(text, "\n\n")) + "\n"
	html, err := execute(func(out io.Writer) error { return w.html.ExecuteTemplate(out, name+".html", p) })
	return outreach.Content{Subject: subject, Text: text, HTML: html}, err
}

func execute(template func(io.Writer) error) (string, error) {
	var out strings.Builder
	if err := template(&out); err != nil {
		return "", fmt.Errorf("digest words: %w", err)
	}
	return out.String(), nil
}

// subject says in one line what the day holds.
func subject(day outreach.Day, items outreach.DigestItems) string {
	var parts []string
	for _, part := range []struct {
		n         int
		one, many string
	}{
		{len(items.Answer), "to answer", "to answer"}, {len(items.Objections), "objection", "objections"},
		{len(items.Triage), "to decide", "to decide"}, {len(items.Tasks), "task", "tasks"}, {len(items.Back), "back today", "back today"},
	} {
		switch {
		case part.n == 1:
			parts = append(parts, "1 "+part.one)
		case part.n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.many))
		}
	}
	if len(parts) == 0 {
		parts = []string{"something needs a look"}
	}
	return day.Time(time.UTC).Format("Monday 2 January") + ": " + strings.Join(parts, ", ")
}

func sectionOf(title, note string, replies []outreach.DigestReply) section {
	shown := replies[:min(len(replies), atMost)]
	return section{Title: title, Note: note, Replies: shown, More: len(replies) - len(shown)}
}

func listOf(title string, lines []outreach.DigestLine) list {
	shown := lines[:min(len(lines), atMost)]
	return list{Title: title, Lines: shown, More: len(lines) - len(shown)}
}

func functions() map[string]any {
	return map[string]any{
		"label":   labelWords,
		"quote":   func(s string) string { return indent(shorten(s), "    > ") },
		"draft":   func(s string) string { return indent(strings.TrimSpace(s), "    ") },
		"shorten": shorten,
		"lines":   func(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") },
		"percent": func(f float64) string { return fmt.Sprintf("%.0f %%", 100*f) },
		"age":     age,
		"when":    func(at, now time.Time) string { return at.In(now.Location()).Format("Mon 2 Jan 15:04") },
		"oneline": oneLine,
		"first":   func(name string) string { first, _, _ := strings.Cut(name, " "); return first },
	}
}

// labelWords says a label as a person would.
func labelWords(l outreach.Label) string {
	words := map[outreach.Label]string{
		outreach.LabelMeeting: "wants to meet", outreach.LabelInterested: "is interested", outreach.LabelPrice: "too expensive",
		outreach.LabelAuthority: "not the decision-maker", outreach.LabelStatusQuo: "happy with what they have",
		outreach.LabelBrushOff: "no thanks, or later", outreach.LabelUnsubscribe: "wants no more mail",
		outreach.LabelOutOfOffice: "is away", outreach.LabelLeftCompany: "has left", outreach.LabelAutoReply: "an automatic answer",
		outreach.LabelUnclear: "unclear", outreach.LabelComplaint: "has reported the mail as spam",
		outreach.LabelBounceBlock: "the server refuses our mail",
	}
	if text, ok := words[l]; ok {
		return text
	}
	return string(l)
}

// age says how long a reply waits.
func age(at, now time.Time) string {
	switch d := now.Sub(at); {
	case d < time.Hour:
		return "just now"
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days ago", int(d.Hours()/24))
	}
}

// shorten cuts what a lead wrote to what a digest quotes.
func shorten(s string) string {
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) <= longestWords {
		return s
	}
	return string([]rune(s)[:longestWords]) + " ..."
}

func indent(s, by string) string {
	return by + strings.ReplaceAll(s, "\n", "\n"+by)
}

// oneLine folds a text for a header or a list.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
