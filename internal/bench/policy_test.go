package bench

import (
	"context"
	"errors"
	"testing"
	"time"

	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
	"drumbeat/internal/sequence"
)

// inDoubt is a rig whose only mail is in doubt: the server dropped the connection
// after the dot, or the worker died behind the commit point.
func inDoubt(t *testing.T, policy sequence.Unknown, killed bool) *rig {
	t.Helper()
	r := newRigOn(t, stage{mailboxes: 1, leads: 1, unknown: policy}, mailworld.Options{})
	at := never
	if killed {
		at = afterCommit
	} else {
		r.world.Fault(r.rows()[0].Email, mailworld.Fault{At: mailworld.AtDot, Times: 1, Ending: mailworld.Drop})
	}
	worker, m := r.sender("worker-1", at)
	_ = worker.SendDue(context.Background(), r.rows()[0].MailboxID) // when it dies of it, that is an error
	if m.isDead() != killed {
		t.Fatal("the worker did not do as it should")
	}
	r.age("worker-1")
	_, err := r.db.Sweep(context.Background(), r.clock.Now())
	r.must(err)
	if row := r.rows()[0]; row.State != outreach.SendUnknown {
		t.Fatalf("the mail is %s", row.State)
	}
	return r
}

// later lets a worker look again some time later.
func (r *rig) later(d time.Duration) {
	r.Helper()
	r.clock.StepTo(r.clock.Now().Add(d))
	worker, _ := r.sender("worker-2", never)
	r.must(worker.SendDue(context.Background(), r.rows()[0].MailboxID))
	r.waitQuiet()
}

// looked says that somebody has looked into the Sent folder and found nothing.
func (r *rig) looked() { r.exec(`UPDATE doubts SET looked_at = $1`, r.clock.Now()) }

func (r *rig) wantEnd(state outreach.SendState, mails int) {
	r.Helper()
	if row, n := r.only(); row.State != state || n != mails {
		r.Errorf("%d mails, row %+v; want %d and %s", n, row, mails, state)
	}
}

// sendID is the number of the only send.
func (r *rig) sendID() (id outreach.SendID) {
	r.Helper()
	r.must(r.db.GetContext(context.Background(), &id, `SELECT id FROM sends`))
	return id
}

func TestAMailInDoubtIsSentOnceMoreWithTheSameBytesWhenThePolicySaysSo(t *testing.T) {
	t.Parallel()
	for name, killed := range map[string]bool{"the connection dropped": false, "the worker was killed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := inDoubt(t, sequence.UnknownResendOnce, killed)
			before := r.rows()[0]
			var kept []byte
			r.must(r.db.GetContext(context.Background(), &kept, `SELECT raw FROM send_bytes`))
			r.looked()
			r.later(5 * time.Minute)
			r.wantEnd(outreach.SendUnknown, 0) // evidence still has its time
			r.later(15 * time.Minute)
			r.wantEnd(outreach.SendSent, 1)
			if got := r.world.Accepted()[0]; got.MessageID != before.RFCMessageID {
				t.Errorf("it went as %s, before as %s", got.MessageID, before.RFCMessageID)
			}
			if got := r.world.Accepted()[0].Raw; string(got) != string(kept) {
				t.Errorf("other bytes went:\n%s\nthan before:\n%s", got, kept)
			}
		})
	}
}

func TestAMailInDoubtIsNeverSentAThirdTime(t *testing.T) {
	t.Parallel()
	r := inDoubt(t, sequence.UnknownResendOnce, false)
	r.world.Fault(r.rows()[0].Email, mailworld.Fault{At: mailworld.AtDot, Ending: mailworld.AcceptDrop})
	for range 3 {
		r.looked()
		r.later(20 * time.Minute)
	}
	r.wantEnd(outreach.SendAssumedSent, 1)
}

func TestAStoppedLeadGetsNothingOnceMore(t *testing.T) {
	t.Parallel()
	for _, policy := range []sequence.Unknown{sequence.UnknownResendOnce, sequence.UnknownHold} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			r := inDoubt(t, policy, false)
			r.looked()
			act := postgres.Act{At: r.clock.Now(), Actor: "dana"}
			r.must(r.db.StopLeads(context.Background(), []outreach.LeadID{r.rows()[0].LeadID}, outreach.StopUnsubscribed, act))
			r.later(time.Hour)
			err := r.db.ResolveSend(context.Background(), r.sendID(), postgres.ResolvedResend, act)
			if problem := (*outreach.Problem)(nil); !errors.As(err, &problem) || problem.Code != "LEAD_STOPPED" {
				t.Errorf("sent again to a stopped lead: %v", err)
			}
			r.later(time.Hour)
			r.wantEnd(outreach.SendUnknown, 0)
		})
	}
}

func TestTheRepDecidesAboutAMailInDoubtThatIsHeld(t *testing.T) {
	t.Parallel()
	for as, want := range map[postgres.Resolution]struct {
		state outreach.SendState
		mails int
	}{
		postgres.ResolvedSent:    {outreach.SendSent, 0},
		postgres.ResolvedNotSent: {outreach.SendFailed, 0},
		postgres.ResolvedResend:  {outreach.SendSent, 1},
	} {
		t.Run(string(as), func(t *testing.T) {
			t.Parallel()
			r := inDoubt(t, sequence.UnknownHold, true)
			r.later(20 * time.Minute)
			r.later(48 * time.Hour)
			if row, mails := r.only(); row.Enrolment != outreach.EnrolmentHeld || row.State != outreach.SendUnknown || mails != 0 {
				t.Fatalf("%d mails, row %+v: it is not held", mails, row)
			}
			r.must(r.db.ResolveSend(context.Background(), r.sendID(), as, postgres.Act{At: r.clock.Now(), Actor: "dana"}))
			r.later(time.Hour)
			r.wantEnd(want.state, want.mails)
			if row := r.rows()[0]; row.Enrolment != outreach.EnrolmentFinished {
				t.Errorf("the sequence did not go on: %+v", row)
			}
		})
	}
}

func TestWithoutAPolicyAMailInDoubtIsTakenForSentAndNotKept(t *testing.T) {
	t.Parallel()
	r := inDoubt(t, "", false)
	var kept int
	r.must(r.db.GetContext(context.Background(), &kept, `SELECT count(*) FROM send_bytes`))
	if kept > 0 {
		t.Error("bytes were kept that nobody will send")
	}
	err := r.db.ResolveSend(context.Background(), r.sendID(), postgres.ResolvedResend, postgres.Act{At: r.clock.Now(), Actor: "dana"})
	if problem := (*outreach.Problem)(nil); !errors.As(err, &problem) || problem.Code != "BYTES_NOT_KEPT" {
		t.Errorf("another mail would go under its name: %v", err)
	}
	r.later(20 * time.Minute)
	r.wantEnd(outreach.SendAssumedSent, 0)
}
