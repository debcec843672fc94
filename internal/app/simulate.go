package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/config"
	"drumbeat/internal/leadfile"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/roster"
	"drumbeat/internal/simulate"
	"drumbeat/internal/zone"
	"drumbeat/templates"
)

// Desk is a directory of sequences opened for looking: no database, no server.
type Desk struct {
	*Base
	Checked outbound.Checked
	Team    *Team
}

// OpenDesk reads a sequence file, the roster beside it and the templates. When the
// files have faults, Team is nil and Checked tells them.
func OpenDesk(cfg config.Config, log *slog.Logger, path string) (*Desk, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(path)
	if info.IsDir() {
		dir = path
	}
	if info.IsDir() || filepath.Base(path) == roster.FileName {
		return nil, &outreach.Problem{
			Code: "NO_SEQUENCE", Detail: path + " is not a sequence", Err: outreach.ErrInvalid,
			Fix: "name the file of one sequence, such as " + filepath.Join(dir, "first-contact.yaml"),
		}
	}
	base := &Base{
		Config: cfg, Logger: log, Clock: clock.Real{}, Sequences: os.DirFS(dir),
		Templates: append([]render.Layer{{Name: "shipped", FS: templates.FS}}, TemplatesBeside(dir)...),
	}
	if cfg.TemplatesDir != "" {
		base.Templates = append(base.Templates, render.Layer{Name: cfg.TemplatesDir, FS: os.DirFS(cfg.TemplatesDir)})
	}
	d := &Desk{Base: base}
	apply := outbound.Apply{Files: base.Sequences, Only: []string{filepath.Base(path)}, Templates: base.Templates}
	if d.Checked, err = apply.Check(); err != nil || !d.Checked.Good() {
		return d, err
	}
	d.Team, err = base.LoadTeam()
	return d, err
}

// Candidate is the one sequence on the desk.
func (d *Desk) Candidate() (outbound.Candidate, error) {
	if len(d.Checked.Candidates) != 1 {
		return outbound.Candidate{}, fmt.Errorf("no sequence in the file: %w", outreach.ErrInvalid)
	}
	return d.Checked.Candidates[0], nil
}

// LeadsFile is the leads of a CSV as an import would take them.
type LeadsFile struct {
	Leads   []outreach.Lead
	Refused map[string]int // rows, by reason
}

// ReadLeads reads the leads of a file, the first row of an address only.
func ReadLeads(path string) (LeadsFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return LeadsFile{}, err
	}
	defer file.Close()
	reader, err := leadfile.NewReader(file, func(name string) bool { _, err := zone.ParseName(name); return err == nil })
	if err != nil {
		return LeadsFile{}, err
	}
	found := LeadsFile{Refused: map[string]int{}}
	known := map[string]bool{}
	for {
		row, err := reader.Next()
		switch {
		case errors.Is(err, io.EOF):
			return found, nil
		case err != nil:
			return found, err
		case row.Refused != nil:
			found.Refused[string(row.Refused.Reason)]++
			continue
		case known[outreach.AddressKey(row.Lead.Email)]:
			found.Refused["duplicate_in_file"]++
			continue
		}
		known[outreach.AddressKey(row.Lead.Email)] = true
		found.Leads = append(found.Leads, row.Lead)
	}
}

// Simulation says what to simulate.
type Simulation struct {
	Leads    []outreach.Lead
	Start    time.Time
	Days     int
	Profile  simulate.Profile
	Follow   string
	Plan     io.Writer // gets every mail as a line of JSON; nil: nobody
	Progress func(day int)
}

// Simulate runs the sequence on the desk over leads in memory.
func (d *Desk) Simulate(ctx context.Context, s Simulation) (simulate.Report, error) {
	candidate, err := d.Candidate()
	if err != nil {
		return simulate.Report{}, err
	}
	rules, err := d.Team.rules()
	if err != nil {
		return simulate.Report{}, err
	}
	return simulate.Run(ctx, simulate.Input{
		Revision: candidate.Revision, Roster: d.Team.Roster, Senders: d.Team.senders, Rules: rules, Leads: s.Leads,
		Start: s.Start, Days: s.Days, Profile: s.Profile, Follow: s.Follow, Plan: s.Plan, Progress: s.Progress,
	})
}

// Zone is the zone of the sequence's first mailbox: its days are counted. UTC
// without one.
func (d *Desk) Zone() *time.Location {
	candidate, err := d.Candidate()
	if err != nil {
		return time.UTC
	}
	ids := append(slices.Clone(candidate.Sequence.Send.Mailboxes), d.Team.MailboxesOf(candidate.Sequence.Owner)...)
	for _, id := range ids {
		if m, ok := d.Team.Mailbox(id); ok {
			if zones, err := zone.Locations(m.Timezone); err == nil {
				return zones[0]
			}
		}
	}
	return time.UTC
}
