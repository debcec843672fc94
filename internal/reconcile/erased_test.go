package reconcile_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/reconcile"
)

// shelf holds copies by their Message-IDs.
type shelf struct{ ids []string }

func (s *shelf) Waiting(outreach.MailboxID) (all []reconcile.Copy, err error) {
	for _, id := range s.ids {
		all = append(all, shelved{s, id})
	}
	return all, nil
}
func (s *shelf) Lock(outreach.MailboxID) (func(), error) { return func() {}, nil }

type shelved struct {
	*shelf
	id string
}

func (c shelved) MessageID() string    { return c.id }
func (c shelved) SentAt() time.Time    { return time.Time{} }
func (c shelved) Raw() ([]byte, error) { return nil, nil }
func (c shelved) Remove() error {
	c.ids = slices.DeleteFunc(c.ids, func(id string) bool { return id == c.id })
	return nil
}

// register is a ledger that knows some mails.
type register struct {
	known []string
	hold  outreach.Hold
}

func (r register) Hold(context.Context) (outreach.Hold, error) { return r.hold, nil }
func (r register) SentByMessageID(_ context.Context, ids []string) (refs []outreach.SentRef, err error) {
	for _, id := range ids {
		if slices.Contains(r.known, id) {
			refs = append(refs, outreach.SentRef{RFCMessageID: id})
		}
	}
	return refs, nil
}

func TestCopiesOfMailsThatTheLedgerDoesNotKnowAreDropped(t *testing.T) {
	for name, test := range map[string]struct {
		hold outreach.Hold
		want []string
	}{
		"their lead was erased":                {want: []string{"<ben@ours.example>"}},
		"the ledger was restored, and is held": {hold: outreach.Hold{Since: time.Unix(1, 0)}, want: []string{"<ana@ours.example>", "<ben@ours.example>"}},
	} {
		t.Run(name, func(t *testing.T) {
			copies := &shelf{ids: []string{"<ana@ours.example>", "<ben@ours.example>"}}
			if _, err := reconcile.DropErased(t.Context(), register{known: []string{"<ben@ours.example>"}, hold: test.hold}, copies, "dana"); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(copies.ids, test.want) {
				t.Errorf("what waits: %v, want %v", copies.ids, test.want)
			}
		})
	}
}
