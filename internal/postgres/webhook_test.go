package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

// tellAll makes every due step a webhook.
func tellAll(_ outreach.MailboxDay, due []outreach.DueStep) outreach.ClaimPlan {
	plan := outreach.ClaimPlan{}
	for _, d := range due {
		step := outreach.StepID(fmt.Sprintf("hook%d", d.Enrolment.Step))
		plan.Decisions = append(plan.Decisions, outreach.ClaimDecision{
			Action: outreach.ClaimWebhook, StepID: step, Next: behind(d.Enrolment.Step),
			Webhook: outreach.WebhookEvent{
				EventID: fmt.Sprintf("e-%d-%d", d.Enrolment.ID, d.Enrolment.Step), LeadID: d.Lead.ID, EnrolmentID: d.Enrolment.ID,
				SequenceID: d.Enrolment.SequenceID, RevisionID: d.Enrolment.RevisionID, StepID: step, StepIndex: d.Enrolment.Step, Body: []byte(`{"a":1}`),
			},
		})
	}
	return plan
}

// behind is where an enrolment goes on behind a step of this stage.
func behind(step int) outreach.Progress {
	at := morning.Add(time.Hour)
	return outreach.Progress{Step: step + 1, DueAt: &at, State: outreach.EnrolmentActive}
}

// tell claims the due steps as webhooks.
func (s *stage) tell() {
	s.Helper()
	lease := s.take(process)
	_, _, err := s.db.ClaimSteps(s.Context(), outreach.ClaimRequest{Lease: lease, Now: s.now, Limit: 100, StepOf: stepOf, Decide: tellAll})
	s.must(err)
	s.must(s.db.ReleaseMailbox(s.Context(), lease))
}

func (s *stage) webhooks(process string) []outreach.WebhookClaim {
	s.Helper()
	claims, err := s.db.ClaimWebhooks(s.Context(), outreach.WebhookQuery{Process: process, Now: s.now, Limit: 100})
	s.must(err)
	return claims
}

// outcome settles an attempt as the use case would.
func (s *stage) outcome(claim outreach.WebhookClaim, state outreach.WebhookState, change ...func(*outreach.WebhookSettlement)) bool {
	s.Helper()
	o := outreach.WebhookSettlement{ID: claim.ID, Fence: claim.Fence, Process: process, At: s.now, State: state, Answer: outreach.WebhookAnswer{Status: 200}}
	next := behind(claim.StepIndex)
	switch state {
	case outreach.WebhookCompleted:
		o.Next = &next
	case outreach.WebhookAccepted:
		until := s.now.Add(48 * time.Hour)
		o.Next = &outreach.Progress{Step: claim.StepIndex, DueAt: &until, State: outreach.EnrolmentActive}
	case outreach.WebhookPlanned:
		at := s.now.Add(time.Minute)
		o.RetryAt, o.Answer.Status = &at, 500
	case outreach.WebhookFailed:
		o.Answer.Status, o.Note = 500, "Given up after attempt 8: the receiver answered 500."
	}
	for _, c := range change {
		c(&o)
	}
	settled, err := s.db.SettleWebhook(s.Context(), o)
	s.must(err)
	return settled
}

// stands is an enrolment in a line: step, state, reason, and what it waits for.
func (s *stage) stands(id outreach.EnrolmentID) string {
	s.Helper()
	var line string
	s.get(&line, `SELECT concat_ws(' ', step, state, NULLIF(state_reason, ''), NULLIF(wait_reason, ''), to_char(due_at, 'DD HH24:MI')) FROM enrolments WHERE id = $1`, id)
	return line
}

func (s *stage) wantStands(id outreach.EnrolmentID, want string) {
	s.Helper()
	if got := s.stands(id); got != want {
		s.Errorf("the enrolment stands at %q, want %q", got, want)
	}
}

func (s *stage) view(id outreach.WebhookID) outreach.WebhookView {
	s.Helper()
	all, err := s.db.Webhooks(s.Context(), outreach.WebhookFilter{})
	s.must(err)
	for _, v := range all {
		if v.ID == id {
			return v
		}
	}
	s.Fatalf("there is no webhook %d", id)
	return outreach.WebhookView{}
}

func TestAnEnrolmentWaitsAtItsWebhookUntilItIsTaken(t *testing.T) {
	s := newStage(t, 1)
	s.tell()
	s.wantStands(1, "0 active webhook")
	s.tell() // whatever wakes it meanwhile finds the event there
	first := s.webhooks(process)
	if len(first) != 1 || first[0].EventID != "e-1-0" || string(first[0].Body) != `{"a":1}` || first[0].Lead.Email != "lead0@acme0.example" {
		t.Fatalf("claimed %+v", first)
	}
	if again := s.webhooks("p2"); len(again) != 0 {
		t.Errorf("a second process claimed %+v", again)
	}
	s.outcome(first[0], outreach.WebhookPlanned)
	if early := s.webhooks(process); len(early) != 0 {
		t.Errorf("tried again before its time: %+v", early)
	}
	s.now = s.now.Add(time.Minute)
	second := s.webhooks(process)
	if len(second) != 1 || second[0].EventID != first[0].EventID || second[0].Attempts != 1 {
		t.Fatalf("claimed %+v", second)
	}
	if s.outcome(first[0], outreach.WebhookCompleted) {
		t.Error("the outcome of an older attempt counts")
	}
	s.wantStands(1, "0 active webhook")
	s.outcome(second[0], outreach.WebhookCompleted)
	s.wantStands(1, "1 active 03 10:00")
	got := s.view(first[0].ID)
	if got.State != outreach.WebhookCompleted || got.Attempts != 3 || got.LastStatus != 200 {
		t.Errorf("view %+v", got)
	}
}

func TestOneLeadIsToldAboutInOrder(t *testing.T) {
	s := newStage(t, 1)
	s.exec(`INSERT INTO sequences (id, name, owner, revision_id) SELECT 'others', 'Others', 'dana', id FROM revisions`)
	s.exec(`INSERT INTO enrolments (lead_id, sequence_id, revision_id, mailbox_id, timezone, due_at, created_at)
		SELECT 1, 'others', revision_id, 'dana', 'UTC', $1, $1 FROM sequences WHERE id = 'others'`, morning)
	s.tell()
	older := s.webhooks(process)
	if len(older) != 1 || older[0].EnrolmentID != 1 {
		t.Fatalf("claimed %+v, want the older event alone", older)
	}
	s.outcome(older[0], outreach.WebhookPlanned)
	if newer := s.webhooks(process); len(newer) != 0 {
		t.Errorf("the newer event overtook one that waits for its next attempt: %+v", newer)
	}
	// What a person holds lets others pass.
	s.must(s.db.PauseSequence(t.Context(), "founders", postgres.Act{At: s.now, Actor: "dana"}))
	newer := s.webhooks(process)
	if len(newer) != 1 || newer[0].EnrolmentID != 2 {
		t.Fatalf("claimed %+v", newer)
	}
	s.must(s.db.ResumeSequence(t.Context(), "founders", postgres.Act{At: s.now, Actor: "dana"}))
	s.now = s.now.Add(time.Hour)
	if both := s.webhooks(process); len(both) != 1 {
		t.Errorf("claimed %+v beside one of the lead that is under way", both)
	}
}

func TestADeliveryOverWhichAProcessDiedIsTriedByAnother(t *testing.T) {
	s := newStage(t, 1)
	s.tell()
	dead := s.webhooks("dead")
	s.exec(`UPDATE webhook_deliveries SET lease_until_ms = machine_ms() - 1`)
	taken := s.webhooks(process)
	if len(taken) != 1 || taken[0].EventID != dead[0].EventID {
		t.Fatalf("claimed %+v", taken)
	}
	if s.outcome(dead[0], outreach.WebhookCompleted) {
		t.Error("the dead one's outcome counts")
	}
	s.outcome(taken[0], outreach.WebhookCompleted)
	s.wantStands(1, "1 active 03 10:00")
}

func TestAStoppedLeadIsNotToldAbout(t *testing.T) {
	s := newStage(t, 4)
	s.tell()
	under := s.webhooks(process)
	s.outcome(under[0], outreach.WebhookPlanned)
	s.outcome(under[1], outreach.WebhookFailed)
	s.outcome(under[2], outreach.WebhookAccepted)
	s.must(s.db.StopLeads(t.Context(), s.leads, outreach.StopByRep, postgres.Act{At: s.now, Actor: "dana"}))
	s.now = s.now.Add(24 * time.Hour)
	if later := s.webhooks(process); len(later) != 0 {
		t.Errorf("claimed %+v", later)
	}
	if s.outcome(under[3], outreach.WebhookPlanned) {
		t.Error("an attempt that was under way lets it be tried again")
	}
	for i, want := range []outreach.WebhookState{outreach.WebhookCancelled, outreach.WebhookCancelled, outreach.WebhookCompleted, outreach.WebhookCancelled} {
		if got := s.view(under[i].ID).State; got != want {
			t.Errorf("webhook %d is %s, want %s", i, got, want)
		}
	}
	for _, drive := range []func() (bool, error){
		func() (bool, error) { return s.db.RetryWebhook(t.Context(), under[1].ID, postgres.Act{At: s.now}) },
		func() (bool, error) { return s.db.SkipWebhook(t.Context(), under[1].ID, behind(0), s.now, "dana") },
		func() (bool, error) { return s.db.CompleteWebhook(t.Context(), under[2].EventID, behind(0), s.now, "") },
	} {
		if done, err := drive(); done || err != nil {
			t.Errorf("a stopped lead's webhook moves: %v %v", done, err)
		}
	}
	s.wantStands(1, "0 stopped stopped_by_rep")
}

func TestWhatIsHeldOrPausedIsNotTold(t *testing.T) {
	s := newStage(t, 1)
	s.tell()
	s.exec(`UPDATE enrolments SET state = 'held', state_reason = 'reply'`)
	if claims := s.webhooks(process); len(claims) != 0 {
		t.Fatalf("claimed %+v", claims)
	}
	s.exec(`UPDATE enrolments SET state = 'active', state_reason = ''`)
	s.exec(`UPDATE leads SET paused_until = $1`, morning.Add(time.Hour))
	if claims := s.webhooks(process); len(claims) != 0 {
		t.Fatalf("claimed %+v of a paused lead", claims)
	}
	s.now = morning.Add(time.Hour)
	s.exec(`INSERT INTO installation (id, held_at) VALUES ('restored', $1)`, morning)
	if claims := s.webhooks(process); len(claims) != 0 {
		t.Fatalf("claimed %+v after a restore that nobody has confirmed", claims)
	}
	s.exec(`UPDATE installation SET held_at = NULL`)
	if claims := s.webhooks(process); len(claims) != 1 {
		t.Errorf("claimed %+v behind the pause", claims)
	}
}

func TestAWebhookThatWasGivenUpIsDrivenAgainOrSkipped(t *testing.T) {
	s := newStage(t, 2)
	s.tell()
	claims := s.webhooks(process)
	for _, claim := range claims {
		s.outcome(claim, outreach.WebhookFailed)
	}
	s.wantStands(1, "0 held webhook webhook")
	driven, err := s.db.RetryWebhook(t.Context(), claims[0].ID, postgres.Act{At: s.now, Actor: "dana"})
	if !driven || err != nil {
		t.Fatalf("drive again: %v %v", driven, err)
	}
	s.wantStands(1, "0 active webhook")
	again := s.webhooks(process)
	if len(again) != 1 || again[0].EventID != claims[0].EventID || again[0].Attempts != 0 {
		t.Fatalf("claimed %+v", again)
	}
	s.outcome(again[0], outreach.WebhookCompleted)
	s.wantStands(1, "1 active 03 10:00")
	if driven, err := s.db.RetryWebhook(t.Context(), claims[0].ID, postgres.Act{At: s.now}); driven || err != nil {
		t.Errorf("what was taken is driven again: %v %v", driven, err)
	}
	skipped, err := s.db.SkipWebhook(t.Context(), claims[1].ID, outreach.Progress{Step: 1, State: outreach.EnrolmentFinished}, s.now, "dana")
	if !skipped || err != nil {
		t.Fatalf("skip: %v %v", skipped, err)
	}
	s.wantStands(2, "1 active 03 09:00") // behind its last step: the next claim finishes it
	if _, err := s.db.RetryWebhook(t.Context(), 999, postgres.Act{At: s.now}); !errors.Is(err, outreach.ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
}

func TestAWebhookThatIsGivenUpDoesNotEndAnotherHold(t *testing.T) {
	s := newStage(t, 1)
	s.tell()
	claim := s.webhooks(process)[0]
	s.exec(`UPDATE enrolments SET state = 'held', state_reason = 'triage'`)
	s.outcome(claim, outreach.WebhookFailed)
	if driven, err := s.db.RetryWebhook(t.Context(), claim.ID, postgres.Act{At: s.now}); !driven || err != nil {
		t.Fatal(driven, err)
	}
	s.wantStands(1, "0 held triage webhook")
}

func TestACallbackCompletesItsStepOnce(t *testing.T) {
	s := newStage(t, 3)
	s.tell()
	claims := s.webhooks(process)
	s.outcome(claims[0], outreach.WebhookAccepted)
	s.wantStands(1, "0 active callback 05 09:00")
	call := func(claim outreach.WebhookClaim) bool {
		done, err := s.db.CompleteWebhook(t.Context(), claim.EventID, behind(0), s.now, "invite accepted")
		s.must(err)
		return done
	}
	if !call(claims[0]) || call(claims[0]) {
		t.Error("the first callback counts, and no other")
	}
	s.wantStands(1, "1 active 03 10:00")
	// A receiver may call back before we have its answer: then it has the event.
	if !call(claims[1]) {
		t.Error("an early callback does not count")
	}
	if s.outcome(claims[1], outreach.WebhookPlanned) {
		t.Error("it would be told again")
	}
	s.wantStands(2, "1 active 03 10:00")
	// When nobody calls back the sequence goes on.
	s.outcome(claims[2], outreach.WebhookAccepted)
	s.now = s.now.Add(24 * time.Hour)
	s.exec(`UPDATE enrolments SET due_at = $1 WHERE id = 3`, s.now) // woken too early
	s.tell()
	s.wantStands(3, "0 active callback 05 09:00")
	s.now = s.now.Add(24 * time.Hour)
	s.tell()
	s.wantStands(3, "1 active 03 10:00")
	if call(claims[2]) {
		t.Error("a callback counts that came too late")
	}
	if _, err := s.db.CompleteWebhook(t.Context(), "nobody", behind(0), s.now, ""); !errors.Is(err, outreach.ErrNotFound) {
		t.Errorf("an event that is not there: %v", err)
	}
}

func TestALeadIsTakenAwayFromAWebhookThatIsGone(t *testing.T) {
	s := newStage(t, 4)
	s.tell()
	claims := s.webhooks(process)
	s.outcome(claims[0], outreach.WebhookPlanned)
	s.outcome(claims[1], outreach.WebhookFailed)
	s.outcome(claims[2], outreach.WebhookAccepted)
	s.exec(`INSERT INTO revisions (sequence_id, number, source, templates, sha256, created_at) VALUES ('founders', 2, '', '{}', '2', $1)`, morning)
	moved, err := s.db.MoveStanding(t.Context(), outreach.StepMove{From: 1, Step: 0, To: 2, ToStep: 1, At: s.now, Actor: "dana", Detail: "The step is gone."})
	if moved != 4 || err != nil {
		t.Fatalf("%d moved: %v", moved, err)
	}
	for id, want := range map[outreach.EnrolmentID]string{1: "1 active 03 09:00", 2: "1 active 03 09:00", 3: "1 active 05 09:00", 4: "1 active 03 09:00"} {
		s.wantStands(id, want)
	}
	s.outcome(claims[3], outreach.WebhookCompleted) // under way meanwhile: taken, and moves nothing
	s.wantStands(4, "1 active 03 09:00")
	s.now = s.now.Add(time.Hour)
	if later := s.webhooks(process); len(later) != 0 {
		t.Errorf("claimed %+v", later)
	}
	for i, want := range []outreach.WebhookState{outreach.WebhookCancelled, outreach.WebhookCancelled, outreach.WebhookCompleted, outreach.WebhookCompleted} {
		if got := s.view(claims[i].ID).State; got != want {
			t.Errorf("webhook %d is %s, want %s", i, got, want)
		}
	}
}

func TestAThousandRepetitionsOfALeadStopHaveOneEffect(t *testing.T) {
	s := newStage(t, 2)
	stop := outreach.HookStop{
		RequestID: "request-1", KeepFor: 10 * time.Minute, Email: "Lead0@ACME0.example", Reason: outreach.StopMeeting, Stage: outreach.StageQualifying,
		Detail: "A meeting was booked.", At: s.now,
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	counted := map[outreach.HookStopped]int{}
	for range 4 {
		all.Go(func() {
			for range 250 {
				stopped, err := s.db.StopByHook(t.Context(), stop)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				counted[stopped]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if diff := cmp.Diff(map[outreach.HookStopped]int{{Leads: 1}: 1, {Repeated: true}: 999}, counted); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	story, err := s.db.Story(t.Context(), s.leads[0])
	s.must(err)
	var kinds []string
	for _, d := range story.Decisions {
		kinds = append(kinds, d.Kind+" "+d.Reason)
	}
	if got := strings.Join(kinds, ", "); got != "stage qualifying, stopped meeting_booked" || story.Lead.Stopped != outreach.StopMeeting {
		t.Errorf("%s; %+v", got, story.Lead)
	}
	s.wantStands(1, "0 stopped meeting_booked")
	s.wantStands(2, "0 active 03 09:00")
	// Another request, about nobody; the first one is forgotten when nobody would believe it any more.
	stop.RequestID, stop.Email, stop.At = "request-2", "nobody@acme.example", s.now.Add(11*time.Minute)
	if stopped, err := s.db.StopByHook(t.Context(), stop); stopped != (outreach.HookStopped{}) || err != nil {
		t.Errorf("%+v %v", stopped, err)
	}
	var kept int
	s.get(&kept, `SELECT count(*) FROM hook_requests`)
	if kept != 1 {
		t.Errorf("%d requests are kept", kept)
	}
}
