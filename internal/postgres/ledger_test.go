package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
	"drumbeat/internal/postgres/pgtest"
)

// morning is a Monday on which the ledger's tests play.
var morning = time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)

const process = "p1"

// stage is a database with one mailbox, one sequence of three steps and leads
// that are due.
type stage struct {
	*testing.T
	db    *postgres.DB
	now   time.Time
	leads []outreach.LeadID
}

func newStage(t *testing.T, leads int) *stage {
	t.Helper()
	s := &stage{T: t, db: pgtest.New(t), now: morning}
	s.exec(`INSERT INTO mailboxes (id, address, rep_id, timezone, read_ms) VALUES ('dana', 'dana@ours.example', 'dana', 'UTC', machine_ms())`)
	s.exec(`INSERT INTO revisions (sequence_id, number, source, templates, sha256, created_at) VALUES ('founders', 1, '', '{}', '', $1)`, morning)
	s.exec(`INSERT INTO sequences (id, name, owner, revision_id) SELECT 'founders', 'Founders', 'dana', id FROM revisions`)
	for i := range leads {
		s.addLead(fmt.Sprintf("lead%d@acme%d.example", i, i))
	}
	s.beat(process)
	return s
}

func (s *stage) addLead(email string) {
	s.Helper()
	var id outreach.LeadID
	s.get(&id, `INSERT INTO leads (email, email_key, domain, created_at, updated_at) VALUES ($1, $1, split_part($1, '@', 2), $2, $2) RETURNING id`, email, morning)
	s.exec(`INSERT INTO enrolments (lead_id, sequence_id, revision_id, mailbox_id, timezone, due_at, created_at)
		SELECT $1, 'founders', revision_id, 'dana', 'UTC', $2, $2 FROM sequences`, id, morning)
	s.leads = append(s.leads, id)
}

func (s *stage) exec(query string, args ...any) {
	s.Helper()
	if _, err := s.db.ExecContext(s.Context(), query, args...); err != nil {
		s.Fatal(err)
	}
}

func (s *stage) get(dest any, query string, args ...any) {
	s.Helper()
	if err := s.db.GetContext(s.Context(), dest, query, args...); err != nil {
		s.Fatal(err)
	}
}

func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *stage) beat(process string) {
	s.Helper()
	s.must(s.db.Beat(s.Context(), process, "host", 1))
}

func (s *stage) take(process string) outreach.Lease {
	s.Helper()
	lease, ok, err := s.db.TakeMailbox(s.Context(), "dana", process)
	s.must(err)
	if !ok {
		s.Fatal("the mailbox is leased already")
	}
	return lease
}

// stepOf names the steps of the stage's revision.
func stepOf(d outreach.DueStep) outreach.StepID {
	return []outreach.StepID{"intro", "bump", "last", "over"}[d.Enrolment.Step]
}

// sendAll is the plainest policy: everything goes now.
func sendAll(_ outreach.MailboxDay, due []outreach.DueStep) outreach.ClaimPlan {
	plan := outreach.ClaimPlan{}
	for _, d := range due {
		decision := outreach.ClaimDecision{Action: outreach.ClaimSend, StepID: stepOf(d),
			DedupeKey:    fmt.Sprintf("step:%d:%s", d.Enrolment.ID, stepOf(d)),
			RFCMessageID: fmt.Sprintf("<%d.%d@ours.example>", d.Enrolment.ID, d.Enrolment.Step),
			NotAfter:     morning.Add(8 * time.Hour)}
		if d.InFlight || (d.Earlier != nil && d.Earlier.State != outreach.SendPlanned && d.Earlier.State != outreach.SendCancelled) {
			decision.Action = outreach.ClaimNothing
		}
		plan.Decisions = append(plan.Decisions, decision)
	}
	return plan
}

func (s *stage) claim(lease outreach.Lease) []outreach.Claimed {
	s.Helper()
	claimed, _, err := s.db.ClaimSteps(s.Context(), outreach.ClaimRequest{Lease: lease, Now: s.now, Limit: 100, StepOf: stepOf, Decide: sendAll})
	s.must(err)
	return claimed
}

func (s *stage) committer() *postgres.Committer {
	c := postgres.NewCommitter(s.db, func() time.Time { return s.now })
	s.Cleanup(c.Close)
	return c
}

func (s *stage) commit(c *postgres.Committer, claim outreach.Claimed) bool {
	s.Helper()
	ok, err := c.Commit(s.Context(), outreach.CommitRequest{SendID: claim.ID, Fence: claim.Fence, Subject: "hello"})
	s.must(err)
	return ok
}

func (s *stage) settle(c *postgres.Committer, claim outreach.Claimed, state outreach.SendState, next *outreach.Progress) bool {
	s.Helper()
	ok, err := c.Post(s.Context(), outreach.Settlement{
		SendID: claim.ID, Fence: claim.Fence, State: state, At: s.now, Next: next, Attempts: 1,
		Result: outreach.DeliveryResult{Code: 250, Text: "ok", Phase: "dot"},
	})()
	s.must(err)
	return ok
}

func (s *stage) state(id outreach.SendID) outreach.SendState {
	s.Helper()
	var state string
	s.get(&state, `SELECT state FROM sends WHERE id = $1`, id)
	return outreach.SendState(state)
}

func (s *stage) wantState(id outreach.SendID, want outreach.SendState) {
	s.Helper()
	if got := s.state(id); got != want {
		s.Errorf("send %d is %s, want %s", id, got, want)
	}
}

func TestASendGoesFromClaimToSentAndItsEnrolmentGoesOn(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	lease, c := s.take(process), s.committer()
	claims := s.claim(lease)
	if len(claims) != 1 {
		t.Fatalf("%d claims, want 1", len(claims))
	}
	if !s.commit(c, claims[0]) {
		t.Fatal("the commit point refused a good claim")
	}
	due := s.now.Add(72 * time.Hour)
	if !s.settle(c, claims[0], outreach.SendSent, &outreach.Progress{Step: 1, DueAt: &due, State: outreach.EnrolmentActive}) {
		t.Fatal("the result was not taken")
	}
	s.wantState(claims[0].ID, outreach.SendSent)
	if again := s.claim(lease); len(again) != 0 {
		t.Errorf("%d claims before the next step is due, want none", len(again))
	}
	var trail string
	s.get(&trail, `SELECT string_agg(from_state || '>' || to_state, ' ' ORDER BY e.id) FROM send_events e JOIN sends s ON s.id = e.send_id
		WHERE s.committed_at IS NOT NULL AND s.commit_seq IS NOT NULL`)
	if want := "committing>sent"; trail != want {
		t.Errorf("events %q, want %q", trail, want)
	}
	s.now = due
	next := s.claim(lease)
	if len(next) != 1 || len(next[0].Thread) != 1 || next[0].Thread[0].Subject != "hello" {
		t.Errorf("the follow-up does not know its thread: %+v", next)
	}
}

func TestNothingPassesTheCommitPointAfterAStop(t *testing.T) {
	t.Parallel()
	act := postgres.Act{At: morning, Actor: "test"}
	for name, stop := range map[string]func(*stage) error{
		"lead stopped":      func(s *stage) error { return s.db.StopLeads(s.Context(), s.leads, outreach.StopReplied, act) },
		"lead paused":       func(s *stage) error { return s.db.PauseLeads(s.Context(), s.leads, morning.Add(time.Hour), act) },
		"mailbox paused":    func(s *stage) error { return s.db.PauseMailbox(s.Context(), "dana", act) },
		"sequence paused":   func(s *stage) error { return s.db.PauseSequence(s.Context(), "founders", act) },
		"address forbidden": func(s *stage) error { return s.suppress("address", "Lead0@acme0.example") },
		"domain forbidden":  func(s *stage) error { return s.suppress("domain", "acme0.example") },
		"window over":       func(s *stage) error { s.now = morning.Add(9 * time.Hour); return nil },
		"lease lost": func(s *stage) error {
			_, err := s.db.ExecContext(s.Context(), `UPDATE mailboxes SET leased_until_ms = 1`)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, 1)
			c := s.committer()
			claim := s.claim(s.take(process))[0]
			s.must(stop(s))
			if s.commit(c, claim) {
				t.Error("the commit point was passed")
			}
		})
	}
}

func (s *stage) suppress(kind, value string) error {
	return s.db.Suppress(s.Context(), []postgres.Suppression{{Kind: kind, Value: value, Reason: "asked", Source: "test"}},
		postgres.Act{At: morning, Actor: "test"})
}

func TestAFollowUpWaitsUntilItsMailboxWasRead(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.exec(`UPDATE enrolments SET step = 1`)
	s.exec(`UPDATE mailboxes SET read_ms = machine_ms() - 301000`)
	s.addLead("new@acme.example")
	c := s.committer()
	lease := s.take(process)
	var told []bool
	ask := func(m outreach.MailboxDay, due []outreach.DueStep) outreach.ClaimPlan {
		told = append(told, m.Unread)
		return sendAll(m, due)
	}
	claims, _, err := s.db.ClaimSteps(t.Context(), outreach.ClaimRequest{Lease: lease, Now: s.now, Limit: 100, StepOf: stepOf, Decide: ask})
	s.must(err)
	followUp, first := claims[0], claims[1]
	if s.commit(c, followUp) {
		t.Error("a follow-up left a mailbox that was not read for five minutes")
	}
	if !s.commit(c, first) {
		t.Error("a first mail waits for a mailbox in which no answer can lie")
	}
	s.exec(`UPDATE mailboxes SET read_ms = machine_ms() - 200000`)
	if !s.commit(c, followUp) {
		t.Error("a follow-up waits though its mailbox was read")
	}
	s.addLead("newer@acme.example")
	_, _, err = s.db.ClaimSteps(t.Context(), outreach.ClaimRequest{Lease: lease, Now: s.now, Limit: 100, StepOf: stepOf, Decide: ask})
	s.must(err)
	if !slices.Equal(told, []bool{true, false}) {
		t.Errorf("claims were told that the inbox is unread: %v", told)
	}
}

func TestAPauseTakesTheSendBackAndAStopCancelsIt(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	claim := s.claim(s.take(process))[0]
	act := postgres.Act{At: s.now, Actor: "test"}
	s.must(s.db.PauseLeads(s.Context(), s.leads, s.now.Add(time.Hour), act))
	s.wantState(claim.ID, outreach.SendPlanned)
	var reserved int
	s.get(&reserved, `SELECT reserved FROM mailbox_days`)
	if reserved != 0 {
		t.Errorf("%d places are still reserved, want 0", reserved)
	}
	s.must(s.db.StopLeads(s.Context(), s.leads, outreach.StopByRep, act))
	s.wantState(claim.ID, outreach.SendCancelled)
}

func TestADeferredSendOfAStoppedLeadIsCancelled(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	c := s.committer()
	claim := s.claim(s.take(process))[0]
	if !s.commit(c, claim) {
		t.Fatal("no commit")
	}
	s.must(s.db.StopLeads(s.Context(), s.leads, outreach.StopReplied, postgres.Act{At: s.now, Actor: "test"}))
	s.wantState(claim.ID, outreach.SendCommitting)
	s.settle(c, claim, outreach.SendPlanned, nil) // 451 at the dot
	if _, err := s.db.Sweep(s.Context(), s.now); err != nil {
		t.Fatal(err)
	}
	s.wantState(claim.ID, outreach.SendCancelled)
}

func TestTheSendsOfADeadProcessGoBackOrBecomeUnknown(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	c := s.committer()
	claims := s.claim(s.take(process))
	if !s.commit(c, claims[1]) {
		t.Fatal("no commit")
	}
	s.exec(`UPDATE claim_leases SET until_ms = 1`)
	sweep := func() {
		if _, err := s.db.Sweep(s.Context(), s.now); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	s.wantState(claims[0].ID, outreach.SendClaimed) // its process lives
	s.exec(`UPDATE processes SET beat_ms = machine_ms() - 11000`)
	s.exec(`UPDATE claim_leases SET until_ms = 1`)
	sweep()
	s.wantState(claims[0].ID, outreach.SendPlanned)
	s.wantState(claims[1].ID, outreach.SendUnknown)
	if s.settle(c, claims[0], outreach.SendSent, nil) {
		t.Error("a result with an old fence was taken")
	}
	if !s.settle(c, claims[1], outreach.SendSent, nil) {
		t.Error("a late answer to the dot was not taken")
	}
	s.wantState(claims[1].ID, outreach.SendSent)
}

func TestOneLeadInTwoSequencesIsNeverInFlightTwice(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.exec(`INSERT INTO mailboxes (id, address, rep_id, timezone, read_ms) VALUES ('mary', 'mary@ours.example', 'mary', 'UTC', machine_ms())`)
	s.exec(`INSERT INTO sequences (id, name, owner, revision_id) SELECT 'agencies', 'Agencies', 'mary', revision_id FROM sequences`)
	s.exec(`INSERT INTO enrolments (lead_id, sequence_id, revision_id, mailbox_id, timezone, due_at, created_at)
		SELECT lead_id, 'agencies', revision_id, 'mary', 'UTC', due_at, created_at FROM enrolments`)
	first := s.claim(s.take(process))
	lease, _, err := s.db.TakeMailbox(t.Context(), "mary", process)
	s.must(err)
	second := s.claim(lease)
	if len(first) != 1 || len(second) != 0 {
		t.Errorf("%d and %d claims, want 1 and 0", len(first), len(second))
	}
}

func TestTwoPlannersRingOnceAndARingWithoutALeaseIsRepeated(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	bells, err := s.db.PlanBells(t.Context(), s.now)
	s.must(err)
	if len(bells) != 1 {
		t.Fatalf("%d bells, want 1", len(bells))
	}
	again, err := s.db.PlanBells(t.Context(), s.now)
	s.must(err)
	if len(again) != 0 {
		t.Errorf("rung again at once: %v", again)
	}
	s.exec(`UPDATE mailboxes SET bell_rung_ms = machine_ms() - 3001`)
	later, err := s.db.PlanBells(t.Context(), s.now)
	s.must(err)
	if len(later) != 1 || later[0].Epoch == bells[0].Epoch {
		t.Errorf("a lost bell is not rung again under a new epoch: %v then %v", bells, later)
	}
}

func TestANoticeIsWrittenOnceAndGoesWithoutCaps(t *testing.T) {
	t.Parallel()
	s := newStage(t, 0)
	n := outreach.Notice{Purpose: outreach.PurposeDigest, DedupeKey: "digest:dana:2031-03-03", RFCMessageID: "<d@ours.example>",
		MailboxID: "dana", To: "dana@ours.example", DueAt: s.now, Frozen: outreach.Frozen{Subject: "Monday", Raw: []byte("raw")}}
	for i, want := range []bool{true, false} {
		if added, err := s.db.AddNotice(t.Context(), n, s.now); err != nil || added != want {
			t.Fatalf("attempt %d: added %v, %v; want %v", i+1, added, err, want)
		}
	}
	lease, c := s.take(process), s.committer()
	claims, err := s.db.ClaimNotices(t.Context(), lease, s.now, 10)
	s.must(err)
	if len(claims) != 1 || string(claims[0].Frozen.Raw) != "raw" {
		t.Fatalf("claims: %+v", claims)
	}
	if !s.commit(c, claims[0]) || !s.settle(c, claims[0], outreach.SendSent, nil) {
		t.Fatal("the notice did not go")
	}
	var left int
	s.get(&left, `SELECT count(*) FROM outbox`)
	if left != 0 {
		t.Error("a sent notice stays in the outbox")
	}
}

func TestReleasingAMailboxLeavesNothingClaimed(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	lease := s.take(process)
	s.claim(lease)
	s.must(s.db.GiveBackClaims(t.Context(), lease, s.now))
	s.must(s.db.ReleaseMailbox(t.Context(), lease))
	var open int
	s.get(&open, `SELECT count(*) FROM sends WHERE state <> 'planned'`)
	flight, err := s.db.InFlight(t.Context(), s.now)
	s.must(err)
	if open+flight.UnderWay != 0 {
		t.Errorf("%d rows are still claimed, %d things under way", open, flight.UnderWay)
	}
	if got := len(s.claim(s.take("p2"))); got != 3 {
		t.Errorf("another process can claim %d, want 3", got)
	}
}

func TestASequenceThatWaitsForATaskGoesOnWhenItIsDone(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	resume, skip := morning.Add(24*time.Hour), morning.Add(5*24*time.Hour)
	s.exec(`INSERT INTO tasks (lead_id, enrolment_id, step_id, rep_id, kind, title, skip_at, resume_at, created_at)
		SELECT lead_id, id, 'call', 'dana', 'call', 'Call them', $1, $2, $3 FROM enrolments`, skip, resume, morning)
	s.exec(`UPDATE enrolments SET due_at = $1`, skip)
	s.exec(`UPDATE enrolments SET state = 'held', state_reason = 'reply' WHERE id = 2`) // it still waits for the task, too
	for _, task := range []outreach.TaskID{1, 2, 1} {
		if _, err := s.db.FinishTask(t.Context(), task, postgres.Act{At: morning.Add(time.Hour), Actor: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	var due []time.Time
	s.must(s.db.SelectContext(t.Context(), &due, `SELECT due_at FROM enrolments ORDER BY id`))
	if len(due) != 2 || !due[0].Equal(resume) || !due[1].Equal(resume) {
		t.Errorf("the next steps are due at %v, want %v", due, resume)
	}
}

func TestAPlaceThatIsGivenBackOpensTheMailboxAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.claim(s.take(process))
	// Another holder found the cap used up by the claim of a process that then died.
	s.exec(`UPDATE mailboxes SET next_send_at = $1, wait_reason = 'mailbox_cap', leased_until_ms = 1`, morning.Add(15*time.Hour))
	s.exec(`UPDATE processes SET beat_ms = 0`)
	s.exec(`UPDATE claim_leases SET until_ms = 1`)
	if _, err := s.db.Sweep(t.Context(), morning); err != nil {
		t.Fatal(err)
	}
	s.beat("p2")
	if got := len(s.claim(s.take("p2"))); got != 1 {
		t.Errorf("%d claims after the place was given back, want 1", got)
	}
}

func TestAPersonResolvesADoubtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	c := s.committer()
	claim := s.claim(s.take(process))[0]
	if !s.commit(c, claim) || !s.settle(c, claim, outreach.SendUnknown, nil) {
		t.Fatal("no doubt to resolve")
	}
	act := postgres.Act{At: morning, Actor: "dana"}
	s.must(s.db.ResolveSend(t.Context(), claim.ID, postgres.ResolvedSent, act))
	s.wantState(claim.ID, outreach.SendSent)
	if err := s.db.ResolveSend(t.Context(), claim.ID, postgres.ResolvedNotSent, act); !errors.Is(err, outreach.ErrNotFound) {
		t.Errorf("what is settled was resolved again: %v", err)
	}
}
