package outbound_test

import (
	"bytes"
	"context"
	"io"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
)

// brokenOffOnce runs the leads through twice, as a transaction that the database
// broke off, and refuses line 3 both times.
type brokenOffOnce struct{ taken []string }

func (s *brokenOffOnce) ImportLeads(_ context.Context, _ outreach.ImportBatch, leads iter.Seq2[outreach.NumberedLead, error],
	refused func(outreach.LineRefusal) error,
) (outreach.ImportCounts, error) {
	for range 2 {
		s.taken = nil
		for lead, err := range leads {
			if err != nil {
				return outreach.ImportCounts{}, err
			}
			s.taken = append(s.taken, lead.Lead.Email+" "+lead.Lead.Source)
		}
		if err := refused(outreach.LineRefusal{Line: 3, Reason: "suppressed"}); err != nil {
			return outreach.ImportCounts{}, err
		}
	}
	return outreach.ImportCounts{Added: 1, Refused: 1}, nil
}

// kept is a file that is looked at after it was closed.
type kept struct{ bytes.Buffer }

func (*kept) Close() error { return nil }

func TestEachRefusedRowIsWrittenOnceInTheOrderOfTheFile(t *testing.T) {
	file := "email,first_name\nnot an address,Ann\nsuppressed@acme.example,Bob\n\ngood@acme.example,\"Cem, Jr\"\n,Dan\n"
	var rejects kept
	store := &brokenOffOnce{}
	report, err := outbound.Import{
		Source: "fair", ValidZone: func(string) bool { return true },
		Open:    func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(file)), nil },
		Rejects: func() (io.WriteCloser, error) { return &rejects, nil },
	}.Run(context.Background(), store)
	if err != nil {
		t.Fatal(err)
	}
	want := outbound.ImportReport{
		ImportCounts: outreach.ImportCounts{Added: 1, Refused: 3}, Rows: 4,
		Reasons: map[string]int{"bad_address": 1, "suppressed": 1, "no_email": 1},
	}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"suppressed@acme.example fair", "good@acme.example fair"}, store.taken); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	wantRejects := "rejected_line,rejected_reason,email,first_name\n2,bad_address: no @,not an address,Ann\n" +
		"3,suppressed,suppressed@acme.example,Bob\n6,no_email,,Dan\n"
	if diff := cmp.Diff(wantRejects, rejects.String()); diff != "" {
		t.Errorf("rejects (-want +got):\n%s", diff)
	}
}
