package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/faultproxy"
	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

// only gives the one lead's row and how often the server accepted a mail to it.
func (r *rig) only() (outreach.AuditRow, int) {
	r.Helper()
	r.waitQuiet()
	return r.rows()[0], len(r.world.Accepted())
}

// doubtful counts the mails in doubt that were not accepted.
func (r *rig) doubtful() (n int) {
	r.Helper()
	accepted := r.world.Accepted()
	for _, row := range r.rows() {
		arrived := func(a mailworld.Accept) bool { return a.MessageID == row.RFCMessageID }
		if row.WasUnknown && !slices.ContainsFunc(accepted, arrived) {
			n++
		}
	}
	return n
}

// dieAt lets a worker die at a point of the only lead's mail, and another worker,
// under another name, go on.
func (r *rig) dieAt(at point) (outreach.AuditRow, int) {
	r.Helper()
	worker, m := r.sender("worker-1", at)
	_ = worker.SendDue(context.Background(), r.rows()[0].MailboxID) // it dies of it
	if !m.isDead() {
		r.Fatalf("the worker did not die %s", at)
	}
	r.waitQuiet()
	r.age("worker-1")
	successor, _ := r.sender("worker-2", never)
	r.goOn(successor)
	return r.only()
}

func TestAMailAcceptedJustBeforeAKillIsInDoubtAndNotSentAgain(t *testing.T) {
	t.Parallel()
	row, mails := newRig(t, 1, 1, mailworld.Options{}).dieAt(onDot)
	if !row.WasUnknown || row.State != outreach.SendAssumedSent || mails != 1 {
		t.Errorf("%d mails, row %+v", mails, row)
	}
}

func TestWhatADeadWorkerHadQueuedIsSentByAnotherUnderAnotherName(t *testing.T) {
	t.Parallel()
	row, mails := newRig(t, 1, 1, mailworld.Options{}).dieAt(afterClaim)
	if row.WasUnknown || row.State != outreach.SendSent || mails != 1 {
		t.Errorf("%d mails, row %+v", mails, row)
	}
}

func TestAConnectionThatDropsAfterTheDotLeavesOneMailInDoubt(t *testing.T) {
	const leads = 3 // of one mailbox: the mail behind is opened with the dot of the one before
	for ending, accepted := range map[mailworld.Ending]int{mailworld.AcceptDrop: leads, mailworld.Drop: leads - 1} {
		t.Run(string(ending), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 1, leads, mailworld.Options{})
			dropped := r.rows()[1].Email
			r.world.Fault(dropped, mailworld.Fault{At: mailworld.AtDot, Ending: ending})
			worker, _ := r.sender("worker", never)
			r.goOn(worker)
			r.waitQuiet()
			for _, row := range r.rows() {
				want := outreach.SendSent
				if row.Email == dropped {
					want = outreach.SendAssumedSent
				}
				if row.State != want || row.WasUnknown != (row.Email == dropped) {
					t.Errorf("row %+v", row)
				}
			}
			if got := audit(r.rows(), r.world.Accepted(), nil); len(r.world.Accepted()) != accepted || got.Duplicates > 0 {
				t.Errorf("%d mails were accepted, want %d: %+v", len(r.world.Accepted()), accepted, got)
			}
		})
	}
}

func TestARecipientThatDoesNotExistIsWrittenToNeverAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, 1, 1, mailworld.Options{})
	r.world.Fault("*", mailworld.Fault{At: mailworld.AtRcpt, Code: 550, Text: "5.1.1 no such user"})
	worker, _ := r.sender("worker", never)
	r.goOn(worker)
	row, mails := r.only()
	if row.State != outreach.SendFailed || row.Stopped != outreach.StopBounced || mails != 0 {
		t.Errorf("%d mails, row %+v", mails, row)
	}
	// Nor does a later list bring it back, or the address come to exist in vain.
	r.world.ClearFaults()
	r.goOn(worker)
	if row, mails := r.only(); row.State != outreach.SendFailed || mails != 0 {
		t.Errorf("afterwards %d mails, row %+v", mails, row)
	}
	counts, err := r.db.ImportLeads(context.Background(), outreach.ImportBatch{List: "again", At: r.clock.Now()}, func(yield func(outreach.NumberedLead, error) bool) {
		yield(outreach.NumberedLead{Line: 2, Lead: outreach.Lead{Email: row.Email}}, nil)
	}, func(outreach.LineRefusal) error { return nil })
	if err != nil || counts.Refused != 1 {
		t.Errorf("a list with the address: %+v, %v", counts, err)
	}
}

func TestASilentServerHoldsUpItsOwnMailboxAlone(t *testing.T) {
	t.Parallel()
	const others = 20
	r := newRig(t, others+1, others+1, mailworld.Options{})
	rows := r.rows()
	r.world.Fault(rows[0].Email, mailworld.Fault{At: mailworld.AtDot, Delay: time.Hour})
	worker, _ := r.sender("worker", never)
	silent := make(chan error, 1)
	go func() { silent <- worker.SendDue(context.Background(), rows[0].MailboxID) }()
	r.waitFor("the silent server has the mail", func() bool { return len(r.world.Accepted()) == 1 })
	for _, row := range rows[1:] {
		r.must(worker.SendDue(context.Background(), row.MailboxID))
	}
	for _, row := range r.rows()[1:] {
		if row.State != outreach.SendSent {
			t.Errorf("%s is %s while one server is silent", row.Email, row.State)
		}
	}
	if row := r.rows()[0]; row.State != outreach.SendCommitting {
		t.Errorf("the mail at the silent server is %s", row.State)
	}
	r.must(r.world.Close()) // the server goes away without an answer
	r.must(<-silent)
	if row := r.rows()[0]; !row.WasUnknown {
		t.Errorf("the unanswered mail is %s and was never in doubt", row.State)
	}
}

// waitFor waits for what happens in another goroutine.
func (r *rig) waitFor(what string, happened func() bool) {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
	defer cancel()
	for !happened() {
		if err := (clock.Machine{}).Sleep(ctx, time.Millisecond); err != nil {
			r.Fatalf("%s: %v", what, err)
		}
	}
}

func TestEightWorkersSendExactlyTheCap(t *testing.T) {
	const runs, cap = 3, 50 // `drumbeat bench crash` and a loop of this test cover more
	for run := range runs {
		t.Run(fmt.Sprint(run), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 1, cap+30, mailworld.Options{})
			r.cap = cap
			id := r.rows()[0].MailboxID
			var all sync.WaitGroup
			for i := range 8 {
				// Every second one dies on its way, so that leases change hands.
				at := []point{never, afterClaim, never, afterSettle}[i%4]
				worker, m := r.sender(fmt.Sprint("worker-", i), at)
				all.Go(func() {
					for range 30 {
						if err := worker.SendDue(context.Background(), id); err != nil && !m.isDead() {
							t.Error(err)
							return
						}
						if m.isDead() {
							r.age(m.name)
							if _, err := r.db.Sweep(context.Background(), r.clock.Now()); err != nil {
								t.Error(err)
							}
							return
						}
					}
				})
			}
			all.Wait()
			last, _ := r.sender("last", never)
			// Some sales time later on the same day, so that what was put off for a minute is due again.
			for range 6 {
				_, err := r.db.Sweep(context.Background(), r.clock.Now())
				r.must(err)
				r.must(last.SendDue(context.Background(), id))
				r.clock.StepTo(r.clock.Now().Add(10 * time.Minute))
			}
			// A worker that dies while it records one mail may leave the next one between commit point and dot.
			accepted, doubtful := len(r.world.Accepted()), r.doubtful()
			if accepted+doubtful != cap || doubtful > 2 {
				t.Errorf("%d mails went out and %d are in doubt, want the cap of %d", accepted, doubtful, cap)
			}
		})
	}
}

// TestALostAnswerToCommitIsReadBack cuts the connection to Postgres at COMMIT,
// before it arrives or after: what the rows say decides, never a guess.
func TestALostAnswerToCommitIsReadBack(t *testing.T) {
	t.Parallel()
	const leads = 40
	r := newRig(t, 4, leads, mailworld.Options{})
	boxes := map[outreach.MailboxID]bool{}
	for _, row := range r.rows() {
		boxes[row.MailboxID] = true
	}
	worker, m := r.sender("worker", never)
	cable, db := r.cabled()
	random := rand.New(rand.NewPCG(1, 1))
	var mu sync.Mutex
	passed, cuts := 0, 0
	cable.SetTap(func(direction faultproxy.Direction, piece []byte) faultproxy.Verdict {
		if direction != faultproxy.ToServer || !isCommit(piece) {
			return faultproxy.Pass
		}
		mu.Lock()
		defer mu.Unlock()
		passed++
		switch random.IntN(4) {
		case 0:
			cuts++
			return faultproxy.PassCut
		case 1:
			cuts++
			return faultproxy.Cut
		}
		return faultproxy.Pass
	})
	m.committer = postgres.NewCommitter(db, r.clock.Now)
	defer m.committer.Close()
	for id := range boxes {
		r.must(worker.SendDue(context.Background(), id))
	}
	r.goOn(worker)
	r.waitQuiet()
	got := audit(r.rows(), r.world.Accepted(), nil)
	if got.Duplicates+got.Lost+got.Wrong > 0 || got.Sent+got.Unknown < leads {
		t.Errorf("audit after %d cuts: %+v", cuts, got)
	}
	if cuts < leads/4 {
		t.Errorf("only %d of %d COMMITs were cut", cuts, passed)
	}
}
