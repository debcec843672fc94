package bench

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/roster"
	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
	"drumbeat/templates"
)

// sequenceID is the bench's only sequence, listName its only list.
const (
	sequenceID outreach.SequenceID = "bench"
	listName                       = "bench"
)

// sequenceFile sends at once and without a pause: a bench measures the engine,
// not the calendar.
const sequenceFile = `version: 1
id: bench
name: Bench
owner: bench
send:
  mailboxes: [%s]
  window: {days: mon-sun, from: "00:00", to: "24:00"}
  timezone: UTC
  gap: 0s
  daily_new_leads: 100000
  unknown: %s
steps:
  - id: intro
    email: {template: bench/intro.md, require: [company]}
`

const templateFile = `---
subject: "customers leaving {{ company }}"
---
Hi {{ first_name | default: 'there' }},

Most software teams learn that a customer is leaving from the cancellation. The signs were there weeks before: fewer logins, a champion who changed jobs, an invoice paid late.

We read those signs from the data you already have and tell your team on Monday whom to call{% if title contains "Founder" or title contains "CEO" %}, without a project on your engineers' list{% endif %}.

Is this something {{ company }} is working on this quarter?

Best,
`

// stage is the team, the sequence and the leads of a bench.
type stage struct {
	dir       string // of the sequence files
	mailboxes int
	leads     int
	unknown   sequence.Unknown // the policy for mails in doubt; empty: the default
}

// errElsewhere refuses every mail server that is not on this machine.
func checkLoopback(host string) error {
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		return nil
	}
	return &outreach.Problem{Code: "BENCH_NOT_LOOPBACK", Detail: "a bench sends to this machine alone, not to " + host,
		Fix: "leave the mail server to the bench", Err: outreach.ErrInvalid}
}

// write writes the files of the team for a mail server.
func (s stage) write(smtp *net.TCPAddr) error {
	if err := checkLoopback(smtp.IP.String()); err != nil {
		return err
	}
	var team strings.Builder
	team.WriteString("version: 1\nmailboxes:\n")
	names := make([]string, s.mailboxes)
	for i := range names {
		names[i] = mailboxName(i)
		fmt.Fprintf(&team, "  - {id: %[1]s, address: %[1]s@ours.example, name: Bench, rep: bench, timezone: UTC, sent_copy: none, "+
			"smtp: {host: %[2]s, port: %[3]d, tls: none}, cap: {per_day: 10000}}\n", names[i], smtp.IP, smtp.Port)
	}
	team.WriteString("reps:\n  - {id: bench, name: Bench, email: rep@ours.example, timezone: UTC, digest: \"23:59 sun\"}\n" +
		"sender: {company: Ours GmbH, postal_address: \"1 Example St, 10115 Berlin\"}\nnotify: {mailbox: " + names[0] + "}\n")
	for name, content := range map[string]string{
		roster.FileName: team.String(), "bench.yaml": fmt.Sprintf(sequenceFile, strings.Join(names, ", "), cmp.Or(s.unknown, sequence.UnknownAssumedSent)), "templates/bench/intro.md": templateFile,
	} {
		path := filepath.Join(s.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("bench files: %w", err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return fmt.Errorf("bench files: %w", err)
		}
	}
	return nil
}

func mailboxName(i int) string { return fmt.Sprintf("box-%d", i+1) }

func (s stage) files() fs.FS { return os.DirFS(s.dir) }

// layers are the shipped templates and the bench's own over them.
func (s stage) layers() []render.Layer {
	own := filepath.Join(s.dir, "templates")
	return []render.Layer{{Name: "shipped", FS: templates.FS}, {Name: own, FS: os.DirFS(own)}}
}

// fill applies the sequence, takes the leads in and enrols them, by the use
// cases that the commands call.
func (s stage) fill(ctx context.Context, store fillStore, now time.Time) error {
	report, err := outbound.Apply{Files: s.files(), Templates: s.layers()}.Run(ctx, store, now)
	if err != nil {
		return err
	}
	if strictyaml.HasErrors(report.Diagnostics) {
		return fmt.Errorf("bench files: %s", report.Diagnostics[0].Message)
	}
	imported, err := outbound.Import{
		Batch: outreach.ImportBatch{List: listName, At: now}, ValidZone: func(string) bool { return true },
		Open:    func() (io.ReadCloser, error) { return io.NopCloser(leadsCSV(s.leads)), nil },
		Rejects: func() (io.WriteCloser, error) { return nil, fmt.Errorf("a lead was refused: %w", outreach.ErrInvalid) },
	}.Run(ctx, store)
	if err != nil {
		return err
	}
	team, err := s.roster()
	if err != nil {
		return err
	}
	enrolled, err := outbound.Enrol(ctx, store, team, sequenceID, listName, now, nil)
	if err != nil {
		return err
	}
	if imported.Added != s.leads || enrolled.Enrolled != s.leads {
		return fmt.Errorf("of %d leads %d came in and %d were enrolled: %w", s.leads, imported.Added, enrolled.Enrolled, outreach.ErrInvalid)
	}
	return nil
}

// fillStore is the database as the use cases ask for it.
type fillStore interface {
	outbound.ApplyStore
	outbound.LeadStore
	outbound.EnrolStore
}

func (s stage) roster() (*roster.Roster, error) {
	source, err := fs.ReadFile(s.files(), roster.FileName)
	if err != nil {
		return nil, fmt.Errorf("bench files: %w", err)
	}
	team, diagnostics := roster.Parse(roster.FileName, source)
	if strictyaml.HasErrors(diagnostics) {
		return nil, fmt.Errorf("%s: %s", roster.FileName, diagnostics[0].Message)
	}
	return team, nil
}

// leadsCSV writes a file of leads as it is read, so that a million of them take
// no memory.
func leadsCSV(n int) io.Reader {
	read, write := io.Pipe()
	go func() {
		_, err := fmt.Fprintln(write, "email,first_name,company,title,country")
		for i := 0; i < n && err == nil; i++ {
			_, err = fmt.Fprintf(write, "%s,Sam,Firm %d,Founder,DE\n", leadAddress(i), i/4)
		}
		write.CloseWithError(err)
	}()
	return read
}

// leadAddress is the address of a lead; four leads share a company.
func leadAddress(i int) string { return fmt.Sprintf("lead%d@firm%d.example", i, i/4) }
