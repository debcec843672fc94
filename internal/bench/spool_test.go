package bench

import (
	"context"
	"testing"

	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
	"drumbeat/internal/spool"
)

func TestAMailAcceptedBeforeAKillIsSentWhenTheSpoolIsReplayed(t *testing.T) {
	t.Parallel()
	for name, swept := range map[string]bool{"before the sweep": false, "after the sweep": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 1, 1, mailworld.Options{})
			worker, m := r.sender("worker-1", afterAnswer)
			dir := t.TempDir()
			notes, err := spool.OpenResults(dir, "worker-1")
			r.must(err)
			worker.Spool = notes
			_ = worker.SendDue(context.Background(), r.rows()[0].MailboxID) // it dies of it
			if !m.isDead() {
				t.Fatal("the worker did not die")
			}
			r.must(notes.Close())
			r.waitQuiet()
			r.age("worker-1")
			want := outreach.SendCommitting
			if swept {
				_, err := r.db.Sweep(context.Background(), r.clock.Now())
				r.must(err)
				want = outreach.SendUnknown
			}
			if row := r.rows()[0]; row.State != want {
				t.Fatalf("after the kill the mail is %s, want %s", row.State, want)
			}
			found, err := spool.Orphans(dir)
			r.must(err)
			if len(found) != 1 {
				t.Fatalf("%d files of the dead", len(found))
			}
			replayed, err := r.db.Replay(context.Background(), found[0].Notes, r.clock.Now())
			r.must(err)
			if replayed != (outreach.Replayed{Settled: 1}) {
				t.Errorf("replayed %+v", replayed)
			}
			if row := r.rows()[0]; row.State != outreach.SendSent {
				t.Errorf("after the replay the mail is %s", row.State)
			}
			successor, _ := r.sender("worker-2", never)
			r.goOn(successor)
			if row, mails := r.only(); row.State != outreach.SendSent || mails != 1 {
				t.Errorf("%d mails, row %+v", mails, row)
			}
		})
	}
}
