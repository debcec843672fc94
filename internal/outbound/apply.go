package outbound

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/roster"
	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
)

// ApplyStore keeps what files say.
type ApplyStore interface {
	PlanStore
	MoveStanding(ctx context.Context, move outreach.StepMove) (int, error)
	RevisionStore
	SaveMailboxes(ctx context.Context, all []outreach.MailboxRecord) error
}

// Apply makes the sequence files of a directory current.
type Apply struct {
	Files     fs.FS          // *.yaml, mailboxes.yaml among them
	Only      []string       // names in Files; empty: all. The roster is always read
	Templates []render.Layer // the last that has a file wins; the first is the shipped one
	// LetFinish lets leads at a step that is gone finish on their revision; otherwise
	// that is a fault, unless moved: says where they go on.
	LetFinish bool
	Actor     string // who applies; empty: drumbeat
}

// Applied is what became of one sequence.
type Applied struct {
	File     string
	Sequence outreach.SequenceID
	Number   int  // of its revision
	Made     bool // false: nothing had changed
	Moved    int  // leads who stood at a step that is gone and go on at another
}

// ApplyReport is what became of the files. When the diagnostics hold an error,
// nothing was written.
type ApplyReport struct {
	Applied     []Applied
	Mailboxes   int
	Unused      []string // the team's templates that none of the sequences uses
	Diagnostics []strictyaml.Diagnostic
	Sources     map[string][]byte // of the files, for excerpts
}

// Candidate is a valid sequence file and the revision that it would become.
type Candidate struct {
	File     string
	Sequence *sequence.Sequence
	Revision outreach.Revision // without ID and number
}

// Checked is the files after their check. When the diagnostics hold an error, the
// candidates are only good to look at.
type Checked struct {
	ApplyReport
	Roster     *roster.Roster // nil: there is no valid one
	Candidates []Candidate
}

// Good tells whether the files may be applied.
func (c Checked) Good() bool { return !strictyaml.HasErrors(c.Diagnostics) }

// Check reads the files and holds them against each other, the roster and the
// templates. It asks no database. The error is about what cannot be read.
func (a Apply) Check() (Checked, error) {
	c := Checked{ApplyReport: ApplyReport{Sources: make(map[string][]byte)}}
	set, names, err := a.read(&c.ApplyReport)
	if err != nil {
		return c, err
	}
	c.Diagnostics = append(c.Diagnostics, sequence.Check(set, overlay(a.Templates))...)
	maps.Copy(c.Sources, set.Sources)
	if c.Roster = set.Roster; c.Roster == nil {
		c.Diagnostics = append(c.Diagnostics, noRoster(c.Sources))
	}
	used := make(map[string]bool)
	for i, s := range set.Sequences {
		c.Candidates = append(c.Candidates, Candidate{File: names[i], Sequence: s, Revision: a.revision(&c.ApplyReport, s, names[i], used)})
	}
	c.Unused = a.unused(used)
	strictyaml.Sort(c.Diagnostics)
	return c, nil
}

// Run checks the files and, when all are good, writes the mailboxes and the
// revisions. The error is about what cannot be read or written.
func (a Apply) Run(ctx context.Context, store ApplyStore, now time.Time) (ApplyReport, error) {
	checked, err := a.Check()
	if err != nil || !checked.Good() {
		return checked.ApplyReport, err
	}
	plans, err := checked.Plan(ctx, store, a.LetFinish)
	if err != nil || !checked.Good() {
		return checked.ApplyReport, err
	}
	err = a.write(ctx, store, now, &checked, plans)
	return checked.ApplyReport, err
}

// read parses the files; names are those of the valid sequences, in their order.
func (a Apply) read(report *ApplyReport) (*sequence.Set, []string, error) {
	entries, err := fs.ReadDir(a.Files, ".")
	if err != nil {
		return nil, nil, fmt.Errorf("list sequences: %w", err)
	}
	set, names := &sequence.Set{Beside: a.Files}, []string(nil)
	for _, entry := range entries {
		name := entry.Name()
		wanted := len(a.Only) == 0 || slices.Contains(a.Only, name) || name == roster.FileName
		if entry.IsDir() || !sequence.IsFile(name) || !wanted {
			continue
		}
		src, err := fs.ReadFile(a.Files, name)
		if err != nil {
			return nil, nil, fmt.Errorf("read sequences: %w", err)
		}
		report.Sources[name] = src
		report.Diagnostics = append(report.Diagnostics, set.Add(name, src)...)
		if len(set.Sequences) > len(names) {
			names = append(names, name)
		}
	}
	return set, names, nil
}

func noRoster(sources map[string][]byte) strictyaml.Diagnostic {
	d := strictyaml.Diagnostic{
		File: roster.FileName, Line: 1, Column: 1, Code: "NO_ROSTER", Severity: strictyaml.Error,
		Message: "there is no valid " + roster.FileName + " beside the sequences", Fix: "it says from which mailboxes mail leaves",
	}
	if _, found := sources[roster.FileName]; found {
		d.Message = roster.FileName + " is not valid, so no mailbox is known"
	}
	return d
}

// revision takes the templates of a sequence along: a mail is rendered from the
// revision alone, whatever becomes of the files.
func (a Apply) revision(report *ApplyReport, s *sequence.Sequence, file string, used map[string]bool) outreach.Revision {
	r := outreach.Revision{SequenceID: s.ID, Source: string(report.Sources[file]), Templates: make(map[string]string)}
	take := func(name string) {
		src, err := fs.ReadFile(overlay(a.Templates), name)
		if err != nil { // sequence.Check has reported it
			return
		}
		r.Templates[name], used[name] = string(src), true
	}
	for _, name := range s.Templates() {
		take(name)
	}
	for _, reaction := range s.OnReply {
		if reaction.Draft != "" {
			take(reaction.Draft)
		}
	}
	a.takeBeside(s, &r)
	if !strictyaml.HasErrors(report.Diagnostics) {
		if _, err := parseRevision(r); err != nil {
			report.Diagnostics = append(report.Diagnostics, strictyaml.Diagnostic{
				File: file, Line: 1, Column: 1, Code: "BAD_LINE", Severity: strictyaml.Error, Message: err.Error(),
			})
		}
	}
	return r
}

// unused lists the team's own templates that nothing names. Directories hold
// playbooks and digests, which are found by their names.
func (a Apply) unused(used map[string]bool) []string {
	var all []string
	for _, layer := range a.Templates[min(1, len(a.Templates)):] {
		names, err := fs.Glob(layer.FS, "*.md")
		if err != nil {
			continue // the pattern is good: Glob has no other error
		}
		for _, name := range names {
			if !used[name] && !slices.Contains(all, name) && path.Base(name) != "README.md" {
				all = append(all, name)
			}
		}
	}
	slices.Sort(all)
	return all
}

func (a Apply) write(ctx context.Context, store ApplyStore, now time.Time, c *Checked, plans []SequencePlan) error {
	var mailboxes []outreach.MailboxRecord
	for _, m := range c.Roster.Mailboxes {
		mailboxes = append(mailboxes, outreach.MailboxRecord{ID: m.ID, Address: m.Address, RepID: m.Rep, Timezone: m.Timezone})
	}
	if err := store.SaveMailboxes(ctx, mailboxes); err != nil {
		return err
	}
	c.Mailboxes = len(mailboxes)
	for _, plan := range plans {
		applied, err := a.writeOne(ctx, store, now, plan)
		if err != nil {
			return err
		}
		c.Applied = append(c.Applied, applied)
	}
	return nil
}

// writeOne saves the revision and then moves the leads of steps that are gone. A
// crash between the two is mended by applying again.
func (a Apply) writeOne(ctx context.Context, store ApplyStore, now time.Time, plan SequencePlan) (Applied, error) {
	saved, made, err := saveCandidate(ctx, store, plan.Sequence, plan.Revision, now)
	if err != nil {
		return Applied{}, err
	}
	applied := Applied{File: plan.File, Sequence: plan.Sequence.ID, Number: saved.Number, Made: made}
	for _, move := range plan.moves {
		move.To, move.At, move.Actor = saved.ID, now, cmp.Or(a.Actor, "drumbeat")
		moved, err := store.MoveStanding(ctx, move)
		if err != nil {
			return applied, err
		}
		applied.Moved += moved
	}
	return applied, nil
}

// RevisionStore keeps revisions.
type RevisionStore interface {
	SaveRevision(ctx context.Context, head outreach.SequenceHead, r outreach.Revision, sha256 string, at time.Time) (outreach.Revision, bool, error)
}

func saveCandidate(ctx context.Context, store RevisionStore, s *sequence.Sequence, r outreach.Revision, now time.Time) (outreach.Revision, bool, error) {
	sum, err := checksum(r)
	if err != nil {
		return outreach.Revision{}, false, err
	}
	return store.SaveRevision(ctx, outreach.SequenceHead{ID: s.ID, Name: s.Name, Owner: s.Owner}, r, sum, now)
}

// checksum is over everything that a revision renders from.
func checksum(r outreach.Revision) (string, error) {
	content, err := json.Marshal([]any{r.Source, r.Templates}) // maps are written in the order of their keys
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), nil
}

// overlay is a stack of directories of which the last wins.
type overlay []render.Layer

// Open gives the uppermost file of that name.
func (o overlay) Open(name string) (fs.File, error) {
	for _, layer := range slices.Backward(o) {
		if file, err := layer.FS.Open(name); !errors.Is(err, fs.ErrNotExist) {
			return file, err
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
