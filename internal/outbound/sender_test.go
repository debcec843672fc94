package outbound_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/clock"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
)

// office is a ledger of notices in memory and a server that does as it is told.
type office struct {
	queue   []outreach.Claimed
	refuse  bool // the commit point says no
	answers []outreach.DeliveryResult
	stale   bool // the kept connection turns out to be closed
	opened  int
	openErr error

	mu      sync.Mutex // results are recorded beside the next mail
	trail   []string
	settled []outreach.Settlement
}

func (o *office) note(what string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.trail = append(o.trail, what)
}

func (o *office) TakeMailbox(context.Context, outreach.MailboxID, string) (outreach.Lease, bool, error) {
	o.note("take")
	return outreach.Lease{MailboxID: "dana", Fence: 1, Ledger: outreach.Mark{Seq: 499}}, true, nil
}
func (o *office) RenewMailbox(context.Context, outreach.Lease) error { return nil }
func (o *office) GiveBackClaims(context.Context, outreach.Lease, time.Time) error {
	o.note("give back")
	return nil
}
func (o *office) ReleaseMailbox(context.Context, outreach.Lease) error {
	o.note("release")
	return nil
}
func (o *office) DelayMailbox(_ context.Context, _ outreach.MailboxID, until time.Time, _ outreach.Reason) error {
	o.note("delay " + until.Sub(tuesday).String())
	return nil
}
func (o *office) ClaimSteps(context.Context, outreach.ClaimRequest) ([]outreach.Claimed, int, error) {
	batch := o.queue
	o.queue = nil
	return batch, len(batch), nil
}
func (o *office) ClaimNotices(context.Context, outreach.Lease, time.Time, int) ([]outreach.Claimed, error) {
	return nil, nil
}
func (o *office) KeepBytes(context.Context, outreach.SendID, int64, outreach.Frozen) error {
	return nil
}
func (o *office) Commit(context.Context, outreach.CommitRequest) (bool, error) {
	o.note("commit")
	return !o.refuse, nil
}
func (o *office) Post(_ context.Context, s outreach.Settlement) func() (bool, error) {
	o.note("settle " + string(s.State))
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settled = append(o.settled, s)
	return func() (bool, error) { return true, nil }
}
func (o *office) RecordRefusal(context.Context, outreach.Refusal) (bool, error) {
	o.note("refusal")
	return false, nil
}
func (o *office) HoldClaim(_ context.Context, _ outreach.Claimed, reason outreach.HoldReason, _ string, _ time.Time) error {
	o.note("hold " + string(reason))
	return nil
}
func (o *office) LeadHarmed(context.Context, outreach.LeadID) {}

func (o *office) MailboxStopped(context.Context, outreach.MailboxID, string) error { return nil }

func (o *office) Open(context.Context, outreach.MailboxID) (outbound.Connection, error) {
	if o.openErr != nil {
		return nil, o.openErr
	}
	o.opened++
	return &wire{office: o}, nil
}

type wire struct {
	*office
	used int
}

func (w *wire) Deliver(ctx context.Context, _ outreach.Envelope, _ []byte, commit func(context.Context) bool) outreach.DeliveryResult {
	w.used++
	if w.stale && w.used == 2 {
		w.stale = false
		return outreach.DeliveryResult{Delivery: outreach.DeliveryNotSent, Phase: "mail", Text: "EOF"}
	}
	if !commit(ctx) {
		return outreach.DeliveryResult{Delivery: outreach.DeliveryNotSent, Phase: "commit"}
	}
	w.note("dot")
	if len(w.answers) > 0 {
		answer := w.answers[0]
		w.answers = w.answers[1:]
		return answer
	}
	return outreach.DeliveryResult{Delivery: outreach.DeliveryAccepted, Code: 250}
}
func (w *wire) Expect(outreach.Envelope) {}
func (w *wire) Usable() bool             { return true }
func (w *wire) Quit()                    {}
func (w *wire) Close()                   {}

func (o *office) sender() *outbound.Sender {
	d := decider(founders)
	return &outbound.Sender{
		Clock: clock.NewStepped(tuesday), Leases: o, Claims: o, Committer: o, Refusals: o, Holder: o, Transport: o, Operators: o,
		Decider: d, Logger: slog.New(slog.DiscardHandler),
		Composer: &outbound.Composer{
			Scripts: d.Scripts, Build: func(m outreach.Mail) ([]byte, error) { return []byte(m.Text), nil },
			Senders: map[outreach.MailboxID]outbound.SenderIdentity{"dana": {Address: outreach.Address{Email: "dana@ours.example"}}},
		},
	}
}

func claim(id int64, firstName string) outreach.Claimed {
	d := due(id, 0)
	d.Lead.FirstName = firstName
	return outreach.Claimed{Due: d, Send: outreach.Send{ID: outreach.SendID(id), Purpose: outreach.PurposeStep, StepID: "intro", MailboxID: "dana", To: d.Lead.Email}}
}

func TestTheCommitPointComesBeforeTheDotAndTheResultAfterIt(t *testing.T) {
	o := &office{queue: []outreach.Claimed{claim(1, "Ana")}}
	if err := o.sender().SendDue(t.Context(), "dana"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"take", "commit", "dot", "settle sent", "release"}, o.trail); diff != "" {
		t.Error(diff)
	}
}

func TestARefusedCommitSendsNoDotAndBurnsNoAttempt(t *testing.T) {
	o := &office{queue: []outreach.Claimed{claim(1, "Ana")}, refuse: true}
	if err := o.sender().SendDue(t.Context(), "dana"); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(o.trail, "dot") || o.settled[0].State != outreach.SendPlanned || o.settled[0].Attempts != 0 {
		t.Errorf("%v, %+v", o.trail, o.settled)
	}
}

func TestAConnectionThatTheServerClosedMeanwhileIsMadeAnew(t *testing.T) {
	o := &office{queue: []outreach.Claimed{claim(1, "Ana"), claim(2, "Ben")}, stale: true}
	if err := o.sender().SendDue(t.Context(), "dana"); err != nil {
		t.Fatal(err)
	}
	// The first result is recorded while the second mail is under way.
	commits := slices.DeleteFunc(slices.Clone(o.trail), func(s string) bool { return s == "settle sent" })
	if diff := cmp.Diff([]string{"take", "commit", "dot", "commit", "dot", "release"}, commits); diff != "" || o.opened != 2 || len(o.settled) != 2 {
		t.Errorf("%d connections, %d settled\n%s", o.opened, len(o.settled), diff)
	}
}

func TestAHoleInTheDataHoldsTheLeadAndSendsNothing(t *testing.T) {
	o := &office{queue: []outreach.Claimed{claim(1, "")}}
	if err := o.sender().SendDue(t.Context(), "dana"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"take", "hold needs_data", "release"}, o.trail); diff != "" {
		t.Error(diff)
	}
}

func TestAServerThatIsDownDelaysTheMailboxAndBurnsNoAttempt(t *testing.T) {
	o := &office{queue: []outreach.Claimed{claim(1, "Ana"), claim(2, "Ben")}, openErr: errors.New("connection refused")}
	s := o.sender()
	for _, want := range []string{"delay 1m0s", "delay 2m0s"} {
		o.trail, o.queue = nil, []outreach.Claimed{claim(1, "Ana"), claim(2, "Ben")}
		if err := s.SendDue(t.Context(), "dana"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"take", want, "give back", "release"}, o.trail); diff != "" {
			t.Error(diff)
		}
	}
}

// loginRefused is a server that knows us and does not want us.
type loginRefused struct{ error }

func (loginRefused) LoginRefused() bool { return true }

// A notice does not wait for a mailbox that is stopped. It must all the same not ask
// the server for another login every second: providers lock accounts for that.
func TestAServerThatRefusesTheLoginIsAskedLessAndLessOftenByNoticesToo(t *testing.T) {
	notice := outreach.Claimed{
		Send:   outreach.Send{ID: 1, Purpose: outreach.PurposeDigest, MailboxID: "dana", To: "dana@ours.example"},
		Frozen: &outreach.Frozen{Subject: "Today", Raw: []byte("x")},
	}
	o := &office{openErr: loginRefused{errors.New("535 no")}}
	s := o.sender()
	for _, want := range []string{"delay 1m0s", "delay 2m0s"} {
		o.trail, o.queue = nil, []outreach.Claimed{notice}
		if err := s.SendDue(t.Context(), "dana"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"take", "refusal", want, "give back", "release"}, o.trail); diff != "" {
			t.Error(diff)
		}
	}
}

// The database is restored under a worker that runs: its next lease tells.
func TestNothingIsClaimedFromALedgerThatHasForgottenMails(t *testing.T) {
	o := &office{queue: []outreach.Claimed{claim(1, "Ana")}}
	s := o.sender()
	var asked outreach.Mark
	s.Forgets = func(mark outreach.Mark) bool { asked = mark; return mark.Seq < 500 }
	if err := s.SendDue(t.Context(), "dana"); err == nil || asked.Seq != 499 {
		t.Errorf("%v; asked about %+v", err, asked)
	}
	if diff := cmp.Diff([]string{"take", "release"}, o.trail); diff != "" {
		t.Error(diff)
	}
}

func TestAFinishingSenderTakesNothingNew(t *testing.T) {
	o := &office{queue: []outreach.Claimed{claim(1, "Ana")}}
	s := o.sender()
	s.Finish()
	if err := s.SendDue(t.Context(), "dana"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"take", "give back", "release"}, o.trail); diff != "" {
		t.Error(diff)
	}
}
