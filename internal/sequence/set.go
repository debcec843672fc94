package sequence

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"drumbeat/internal/casestudy"
	"drumbeat/internal/icp"
	"drumbeat/internal/outreach"
	"drumbeat/internal/roster"
	"drumbeat/internal/strictyaml"
)

// Set is the sequences of a directory, and the roster beside them.
type Set struct {
	Sequences []*Sequence    // the valid ones, by file name
	Roster    *roster.Roster // nil: no valid mailboxes.yaml
	Beside    fs.FS          // the directory of the files: icp, case_studies; nil: it is not looked at
	// Sources are the texts of the templates and other files that Check has read, for excerpts.
	Sources map[string][]byte
	files   []file
	people  *roster.Roster // the roster, faults and all: it still tells who there is; nil: it does not
}

// file is one sequence file with the places that diagnostics point at.
type file struct {
	sequence *Sequence
	doc      *strictyaml.Document
	faulty   bool // the sequence is only what could be read of it
}

// Load reads every *.yaml and *.yml of the top directory as a sequence, but
// mailboxes.yaml as the roster; directories (icp, schema, signatures ...) are left
// to others. Faults of the files are diagnostics; the error is about reading them.
func Load(files fs.FS) (*Set, []strictyaml.Diagnostic, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, nil, fmt.Errorf("list sequences: %w", err)
	}
	set := &Set{Beside: files}
	var diagnostics []strictyaml.Diagnostic
	for _, entry := range entries {
		if entry.IsDir() || !IsFile(entry.Name()) {
			continue
		}
		src, err := fs.ReadFile(files, entry.Name())
		if err != nil {
			return nil, nil, fmt.Errorf("read sequences: %w", err)
		}
		diagnostics = append(diagnostics, set.Add(entry.Name(), src)...)
	}
	return set, diagnostics, nil
}

// IsFile tells by its name whether a file is a sequence or the roster.
func IsFile(name string) bool {
	ext := path.Ext(name)
	return (ext == ".yaml" || ext == ".yml") && !strings.HasPrefix(path.Base(name), ".")
}

// Add parses one file into the set and gives its faults.
func (s *Set) Add(name string, src []byte) []strictyaml.Diagnostic {
	if path.Base(name) == roster.FileName {
		parsed, diagnostics := roster.Read(name, src)
		s.people = parsed
		if !strictyaml.HasErrors(diagnostics) {
			s.Roster = parsed
		}
		return diagnostics
	}
	parsed, doc := parse(name, src)
	diagnostics := slices.Clone(doc.Diagnostics())
	faulty := strictyaml.HasErrors(diagnostics)
	if parsed != nil && !faulty {
		s.Sequences = append(s.Sequences, parsed)
	}
	if parsed != nil {
		s.files = append(s.files, file{parsed, &strictyaml.Document{File: name, Root: doc.Root}, faulty})
	}
	return diagnostics
}

// Sequence finds a valid sequence by its id.
func (s *Set) Sequence(id outreach.SequenceID) (*Sequence, bool) {
	for _, sequence := range s.Sequences {
		if sequence.ID == id {
			return sequence, true
		}
	}
	return nil, false
}

// Check holds what the files of a set must be to each other, to the roster and to
// the templates; templates may be nil, and a set without a roster is not checked
// against one. Files that have faults of their own are looked at too, as far as they
// could be read: whoever mends a file wants to hear of all that is wrong at once.
func Check(set *Set, templates fs.FS) []strictyaml.Diagnostic {
	var diagnostics []strictyaml.Diagnostic
	first := map[outreach.SequenceID]string{}
	set.Sources = map[string][]byte{}
	mails := newCopyReader(templates, set.Sources)
	if set.Beside != nil {
		mails.studies = readStudies(set.Beside)
	}
	for _, f := range set.files {
		doc := &strictyaml.Document{File: f.doc.File, Root: f.doc.Root}
		switch other, taken := first[f.sequence.ID]; {
		case f.sequence.ID == "": // a fault of the file itself
		case taken:
			doc.Report(doc.Root.Get("id"), CodeDuplicateSequence, "give one of them another id",
				"the sequence in %s has the id %q too", other, f.sequence.ID)
		default:
			first[f.sequence.ID] = f.doc.File
		}
		if set.people != nil {
			checkRoster(doc, f.sequence, set.people, set.Roster != nil)
		}
		if templates != nil {
			checkTemplates(doc, templates)
			mails.check(doc, f.sequence, f.faulty)
		}
		if set.Beside != nil {
			checkBeside(doc, f.sequence, set.Beside)
		}
		diagnostics = append(diagnostics, doc.Diagnostics()...)
	}
	if set.Beside != nil {
		diagnostics = append(diagnostics, checkFiles(set.Beside, set.Sources)...)
	}
	diagnostics = append(diagnostics, mails.diagnostics...)
	strictyaml.Sort(diagnostics)
	return diagnostics
}

// checkRoster holds that the owner and the mailboxes exist. Whose a mailbox is can be
// told only of a roster without faults.
func checkRoster(doc *strictyaml.Document, s *Sequence, r *roster.Roster, valid bool) {
	owner, send := doc.Root.Get("owner"), doc.Root.Get("send")
	if _, known := r.Rep(s.Owner); !known && owner.Present() {
		var reps []string
		for _, rep := range r.Reps {
			reps = append(reps, string(rep.ID))
		}
		doc.Report(owner, CodeUnknownRep, meant(string(s.Owner), reps), "%s has no rep %q", roster.FileName, s.Owner)
	} else if valid && known && send.Key("mailboxes") == nil && len(r.MailboxesOf(s.Owner)) == 0 {
		doc.Report(owner, CodeNoMailbox, "name some under send: mailboxes:", "%q has no mailbox of their own", s.Owner)
	}
	var mailboxes []string
	for _, mailbox := range r.Mailboxes {
		mailboxes = append(mailboxes, string(mailbox.ID))
	}
	for _, v := range send.Get("mailboxes").Items() {
		if !slices.Contains(mailboxes, v.Text()) {
			doc.Report(v, CodeUnknownMailbox, meant(v.Text(), mailboxes), "%s has no mailbox %q", roster.FileName, v.Text())
		}
	}
}

// checkTemplates holds that each template a file names exists.
func checkTemplates(doc *strictyaml.Document, templates fs.FS) {
	named := []*strictyaml.Value{}
	for _, step := range doc.Root.Get("steps").Items() {
		named = append(named, step.Get("email").Get("template"))
		for _, variant := range step.Get("email").Get("variants").Items() {
			named = append(named, variant.Get("template"))
		}
	}
	reactions := doc.Root.Get("on_reply")
	for _, label := range reactions.Names() {
		named = append(named, reactions.Get(label).Get("draft"))
	}
	for _, v := range named {
		if !v.Present() {
			continue
		}
		if _, err := fs.Stat(templates, v.Text()); errors.Is(err, fs.ErrNotExist) {
			doc.Report(v, CodeUnknownTemplate, templateMeant(templates, v.Text()), "there is no template %s", v.Text())
		}
	}
}

// checkBeside holds that the profile and the case studies exist.
func checkBeside(doc *strictyaml.Document, s *Sequence, files fs.FS) {
	if name := doc.Root.Get("audience").Get("icp"); name.Present() {
		if _, err := fs.Stat(files, icp.Dir+"/"+name.Text()+".yaml"); err != nil {
			doc.Report(name, CodeUnknownICP, meant(name.Text(), namesIn(files, icp.Dir)), "there is no profile %s/%s.yaml", icp.Dir, name.Text())
		}
	}
	if len(namesIn(files, casestudy.Dir)) > 0 {
		return
	}
	for _, step := range doc.Root.Get("steps").Items() {
		if study := step.Get("email").Get("case_study"); study.Present() {
			doc.Report(study, CodeNoCaseStudies, "write one, or leave case_study: out", "there are no case studies: %s/*.yaml", casestudy.Dir)
		}
	}
}

// namesIn lists the YAML files of a directory without their endings.
func namesIn(files fs.FS, dir string) []string {
	found, err := fs.Glob(files, dir+"/*.yaml")
	if err != nil {
		return nil // the pattern is good: Glob has no other error
	}
	for i, name := range found {
		found[i] = baseName(name)
	}
	return found
}

// siblings lists the templates beside a path, from which a slip can be told.
func siblings(templates fs.FS, name string) []string {
	found, err := fs.Glob(templates, path.Join(path.Dir(name), "*.md"))
	if err != nil {
		return nil // the path has a pattern's signs: no template is called like that
	}
	return found
}

// templateMeant proposes the template of that name in another directory (bump.md for
// ops/bump.md is the usual slip), else what lies beside it.
func templateMeant(templates fs.FS, name string) string {
	for _, dir := range []string{"*", "*/*"} {
		found, err := fs.Glob(templates, path.Join(dir, path.Base(name)))
		switch { // an error: the name has a pattern's signs
		case err == nil && len(found) == 1:
			return "did you mean " + found[0] + "?"
		case err == nil && len(found) > 1:
			return "did you mean one of " + strings.Join(found, ", ") + "?"
		}
	}
	return meant(name, siblings(templates, name))
}

func meant(word string, known []string) string {
	if near := strictyaml.Nearest(word, known); near != "" {
		return "did you mean " + near + "?"
	}
	if len(known) == 0 {
		return ""
	}
	return "there is: " + strings.Join(known, ", ")
}
