package sequence

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"drumbeat/internal/casestudy"
	"drumbeat/internal/icp"
	"drumbeat/internal/render"
	"drumbeat/internal/strictyaml"
)

// The bounds beyond which a mail is warned about.
const (
	longSubject = 78 // RFC 5322, section 2.1.1: what every reader shows
	longText    = 200
	manyLinks   = 2 // in the first mail
)

// copyReader reads what mails say: the templates of a set, each once.
type copyReader struct {
	templates   fs.FS
	parsed      map[string]*render.Template // nil: it has faults, or is not there
	sources     map[string][]byte
	studies     []*casestudy.Study
	warned      map[string]bool
	diagnostics []strictyaml.Diagnostic
}

func newCopyReader(templates fs.FS, sources map[string][]byte) *copyReader {
	return &copyReader{templates: templates, parsed: map[string]*render.Template{}, sources: sources, warned: map[string]bool{}}
}

// template parses one and reports its faults, the first time.
func (c *copyReader) template(name string, parse func(string, []byte) (*render.Template, []*render.Error)) *render.Template {
	if known, read := c.parsed[name]; read {
		return known
	}
	c.parsed[name] = nil
	src, err := fs.ReadFile(c.templates, name)
	if err != nil { // checkTemplates has reported it
		return nil
	}
	c.sources[name] = src
	parsed, faults := parse(name, src)
	for _, fault := range faults {
		c.diagnostics = append(c.diagnostics, fault.Diagnostic())
	}
	c.parsed[name] = parsed
	return parsed
}

// check reads the mails and playbooks of one sequence. Of a faulty one the fields
// that a mail asks for are not looked at: what it requires may be what is misspelt.
func (c *copyReader) check(doc *strictyaml.Document, s *Sequence, faulty bool) {
	for i, v := range doc.Root.Get("steps").Items() {
		step := s.Steps[i]
		if step.Email == nil {
			continue
		}
		mail := v.Get("email")
		if len(step.Email.Variants) == 0 {
			c.mail(doc, s, i, mailAt{mail.Get("template"), mail.Get("subject"), faulty})
		}
		for n, variant := range mail.Get("variants").Items() {
			at, subject := variant.Get("template"), variant.Get("subject")
			if !at.Present() {
				at = mail.Get("template")
			}
			if !subject.Present() {
				subject = mail.Get("subject")
			}
			c.mail(doc, s, i, mailAt{at, subject, faulty})
			checkTwin(doc, step.Email.Variants, n, variant)
		}
	}
	reactions := doc.Root.Get("on_reply")
	for _, label := range reactions.Names() {
		if draft := reactions.Get(label).Get("draft"); draft.Present() {
			c.template(draft.Text(), render.ParsePlaybook)
		}
	}
}

// checkTwin finds a variant that says what an earlier one says.
func checkTwin(doc *strictyaml.Document, variants []Variant, n int, at *strictyaml.Value) {
	for _, earlier := range variants[:n] {
		if earlier.Subject == variants[n].Subject && earlier.Template == variants[n].Template {
			doc.Warn(at, CodeVariantsEqual, "change one of them, or take it out", "the variants %s and %s say the same", earlier.ID, variants[n].ID)
		}
	}
}

// mailAt is where one way to write a mail stands.
type mailAt struct {
	template, subject *strictyaml.Value
	faulty            bool // its file has faults
}

// mail looks at one way to write a mail.
func (c *copyReader) mail(doc *strictyaml.Document, s *Sequence, step int, at mailAt) {
	t, subject := c.template(at.template.Text(), render.ParseTemplate), at.subject
	if subject.Present() && len([]rune(subject.Text())) > longSubject {
		doc.Warn(subject, CodeSubjectLong, "say it in fewer words", "the subject has %d characters; many readers show %d at most", len([]rune(subject.Text())), longSubject)
	}
	if t == nil {
		return
	}
	email := s.Steps[step].Email
	if email.Thread == ThreadNew && !subject.Present() && !t.HasSubject() && !at.faulty {
		doc.Report(at.template, CodeSubjectMissing, "add subject: to the step or to the template's front matter", "the mail begins a conversation and has no subject")
	}
	if !at.faulty {
		c.fields(t, email, append(c.sureBefore(s, step), email.Require...))
	}
	c.text(t.Name(), step == s.FirstEmail())
}

// sureBefore lists the fields without which no lead comes as far as a step.
func (c *copyReader) sureBefore(s *Sequence, step int) []string {
	sure := []string{"email"}
	for _, earlier := range s.Steps[:step] {
		if earlier.Email == nil || earlier.When != "" {
			continue
		}
		sure = append(sure, earlier.Email.Require...)
		if t := c.parsed[earlier.Email.Template]; t != nil && len(earlier.Email.Variants) == 0 {
			sure = append(sure, t.Require()...)
		}
	}
	return sure
}

// fields warns of what may be blank, and refuses a case study that nobody chose.
func (c *copyReader) fields(t *render.Template, email *Email, sure []string) {
	sure = append(sure, t.Require()...)
	names := t.Names()
	for _, n := range names {
		asked := slices.ContainsFunc(names, func(o render.Name) bool { return o.Name == n.Name && !o.Printed })
		switch {
		case strings.HasPrefix(n.Name, "case_study.") && email.CaseStudy == "":
			c.tell(strictyaml.Error, t.Name(), n.Line, n.Column, CodeCaseStudyUnasked, "add case_study: match to the step", "%s is never there: the step chooses no case study", n.Name)
		case strings.HasPrefix(n.Name, "case_study.") && n.Printed && !n.Defaulted && !asked:
			c.studyField(t.Name(), n)
		case !n.Printed || n.Defaulted || asked || slices.Contains(sure, n.Name) || strings.HasPrefix(n.Name, "rep.") ||
			strings.HasPrefix(n.Name, "sender.") || strings.HasPrefix(n.Name, "case_study."):
		default:
			c.tell(strictyaml.Warning, t.Name(), n.Line, n.Column, CodeMayBeBlank,
				fmt.Sprintf("add it to require:, or write {{ %s | default: '...' }}", n.Name), "a lead without %s waits in \"needs data\"", n.Name)
		}
	}
}

// studyField warns of the case studies that do not say what a mail wants of them.
func (c *copyReader) studyField(template string, n render.Name) {
	field := strings.TrimPrefix(n.Name, "case_study.")
	for _, s := range c.studies {
		said, known := map[string]string{"customer": s.Customer, "result": s.Result, "summary": s.Summary, "url": s.URL}[field]
		if known && said == "" {
			c.tell(strictyaml.Warning, template, n.Line, n.Column, CodeMayBeBlank,
				fmt.Sprintf("add %s: to it, or write {{ %s | default: '...' }}", field, n.Name),
				"%s/%s.yaml has no %s: a lead whom it fits waits in \"needs data\"", casestudy.Dir, s.ID, field)
		}
	}
}

// readStudies reads the case studies that have no fault; checkFiles tells of others.
func readStudies(files fs.FS) (studies []*casestudy.Study) {
	for _, id := range namesIn(files, casestudy.Dir) {
		name := casestudy.Dir + "/" + id + ".yaml"
		src, err := fs.ReadFile(files, name)
		if err != nil {
			continue
		}
		if study, _ := casestudy.Parse(name, src); study != nil {
			studies = append(studies, study)
		}
	}
	return studies
}

var (
	leftover  = regexp.MustCompile(`(?i:lorem ipsum|\bsay here\b|\[(?:your |first |last )?(?:name|company|title|insert[^\]]*)\](?:[^(]|$))|\bTODO\b|\bXXX\b`)
	shortener = regexp.MustCompile(`(?i)https?://(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|ow\.ly|is\.gd|buff\.ly|rebrand\.ly|cutt\.ly|rb\.gy)/`)
	link      = regexp.MustCompile(`https?://`)
	word      = regexp.MustCompile(`[\pL\pN']+`)
	tags      = regexp.MustCompile(`(?s)\{%.*?%\}|\{\{.*?\}\}`)
)

// text looks at the words of a template.
func (c *copyReader) text(name string, first bool) {
	src := string(c.sources[name])
	body, headLines := src, 0
	if head, after, found := strings.Cut(strings.TrimPrefix(src, "---"), "\n---"); found && strings.HasPrefix(src, "---") {
		body, headLines = after, strings.Count(head, "\n")+2
	}
	line := 0
	for text := range strings.Lines(src) {
		line++
		if line <= headLines && !strings.HasPrefix(text, "subject:") {
			continue // require: [company] is a list of fields
		}
		if at := leftover.FindStringIndex(text); at != nil {
			c.tell(strictyaml.Warning, name, line, 1+len([]rune(text[:at[0]])), CodeLeftover, "write what belongs there", "%q looks like a placeholder", strings.TrimRight(text[at[0]:at[1]], " \n.,:;!?"))
		}
		if at := shortener.FindStringIndex(text); at != nil {
			c.tell(strictyaml.Warning, name, line, 1+len([]rune(text[:at[0]])), CodeShortener, "write the address itself", "filters take shortened links for spam")
		}
	}
	if n := len(word.FindAllString(tags.ReplaceAllString(body, "x"), -1)); n > longText {
		c.tell(strictyaml.Warning, name, 1, 1, CodeTextLong, "", "the mail has %d words; few are read beyond %d", n, longText)
	}
	if n := len(link.FindAllString(body, -1)); first && n > manyLinks {
		c.tell(strictyaml.Warning, name, 1, 1, CodeManyLinks, "keep one", "the first mail has %d links; filters distrust more than %d", n, manyLinks)
	}
}

// tell reports about a template, once.
func (c *copyReader) tell(severity strictyaml.Severity, file string, line, column int, code, fix, format string, args ...any) {
	d := strictyaml.Diagnostic{
		File: file, Line: line, Column: column, Code: code, Message: fmt.Sprintf(format, args...), Fix: fix, Severity: severity,
	}
	key := fmt.Sprintf("%s:%d:%d:%s", file, line, column, code)
	if !c.warned[key] {
		c.warned[key] = true
		c.diagnostics = append(c.diagnostics, d)
	}
}

// checkFiles reads the profiles and case studies beside the sequences.
func checkFiles(files fs.FS, sources map[string][]byte) []strictyaml.Diagnostic {
	var all []strictyaml.Diagnostic
	for dir, parse := range map[string]func(string, []byte) []strictyaml.Diagnostic{
		icp.Dir:       func(name string, src []byte) []strictyaml.Diagnostic { _, d := icp.Parse(name, src); return d },
		casestudy.Dir: func(name string, src []byte) []strictyaml.Diagnostic { _, d := casestudy.Parse(name, src); return d },
	} {
		for _, base := range namesIn(files, dir) {
			name := dir + "/" + base + ".yaml"
			src, err := fs.ReadFile(files, name)
			if err != nil {
				continue // it went away between two looks
			}
			sources[name] = src
			all = append(all, parse(name, src)...)
		}
	}
	return all
}
