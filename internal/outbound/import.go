package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"drumbeat/internal/leadfile"
	"drumbeat/internal/outreach"
)

// LeadStore takes leads in, all or none; see postgres.DB.ImportLeads.
type LeadStore interface {
	ImportLeads(ctx context.Context, batch outreach.ImportBatch, leads iter.Seq2[outreach.NumberedLead, error],
		refused func(outreach.LineRefusal) error) (outreach.ImportCounts, error)
}

// Import is one file of leads on its way in. The file is read twice: once to
// take the leads in, once to write the refused rows as they stood there, so that
// none need be kept in memory.
type Import struct {
	Batch     outreach.ImportBatch
	Source    string // of leads that name none
	ValidZone func(name string) bool
	Open      func() (io.ReadCloser, error)  // from the start, each time
	Rejects   func() (io.WriteCloser, error) // called only when a row is refused; a second call starts over
	Progress  func(rows int)                 // after each row; may be nil
}

// ImportReport is what became of the file.
type ImportReport struct {
	outreach.ImportCounts
	Rows    int            // that are not blank
	Reasons map[string]int // of refused rows
}

// Run imports the file. An error about the file itself is an *outreach.Problem.
func (i Import) Run(ctx context.Context, store LeadStore) (ImportReport, error) {
	var known []outreach.LineRefusal
	leads := func(yield func(outreach.NumberedLead, error) bool) {
		known = nil // a second run starts over
		i.leads(ctx)(yield)
	}
	counts, err := store.ImportLeads(ctx, i.Batch, leads, func(r outreach.LineRefusal) error {
		known = append(known, r)
		return nil
	})
	if err != nil {
		return ImportReport{}, fmt.Errorf("import leads: %w", err)
	}
	report := ImportReport{ImportCounts: counts, Reasons: make(map[string]int)}
	if err := i.sift(&report, known); err != nil {
		return report, fmt.Errorf("write rejects: %w", err)
	}
	return report, nil
}

// leads reads the good rows.
func (i Import) leads(ctx context.Context) iter.Seq2[outreach.NumberedLead, error] {
	return func(yield func(outreach.NumberedLead, error) bool) {
		rows := 0
		err := i.eachRow(func(row leadfile.Row, _ []string) error {
			rows++
			if i.Progress != nil {
				i.Progress(rows)
			}
			if row.Refused != nil {
				return ctx.Err()
			}
			if row.Lead.Source == "" {
				row.Lead.Source = i.Source
			}
			if !yield(outreach.NumberedLead{Line: row.Line, Lead: row.Lead}, nil) {
				return errStop
			}
			return ctx.Err()
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(outreach.NumberedLead{}, err)
		}
	}
}

// errStop ends a reading early; nobody outside sees it.
var errStop = errors.New("stop")

func (i Import) eachRow(do func(row leadfile.Row, columns []string) error) error {
	file, err := i.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	reader, err := leadfile.NewReader(file, i.ValidZone)
	if err != nil {
		return err
	}
	for {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := do(row, reader.Columns()); err != nil {
			return err
		}
	}
}

// sift reads the file again and writes every refused row, those that the
// database knows of among them.
func (i Import) sift(report *ImportReport, known []outreach.LineRefusal) (err error) {
	var rejects rejectsFile
	defer func() { err = errors.Join(err, rejects.close()) }()
	report.Refused = 0
	return i.eachRow(func(row leadfile.Row, columns []string) error {
		report.Rows++
		refusal := row.Refused
		if len(known) > 0 && known[0].Line == row.Line {
			refusal = &leadfile.Refusal{Reason: leadfile.Reason(known[0].Reason), Detail: known[0].Detail}
			known = known[1:]
		}
		if refusal == nil {
			return nil
		}
		report.Refused++
		report.Reasons[string(refusal.Reason)]++
		if err := rejects.open(i.Rejects, columns); err != nil {
			return err
		}
		return rejects.rows.WriteRefused(row, *refusal)
	})
}

// rejectsFile is made with its first row.
type rejectsFile struct {
	file io.WriteCloser
	rows *leadfile.Writer
}

func (r *rejectsFile) open(create func() (io.WriteCloser, error), columns []string) error {
	if r.file != nil {
		return nil
	}
	file, err := create()
	if err != nil {
		return err
	}
	r.file, r.rows = file, leadfile.NewWriter(file)
	return r.rows.WriteRejectsHeader(columns)
}

func (r *rejectsFile) close() error {
	if r.file == nil {
		return nil
	}
	return errors.Join(r.rows.Flush(), r.file.Close())
}
