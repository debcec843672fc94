package bench

import (
	"context"
	"testing"
	"time"

	"drumbeat/internal/mailworld"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
)

// away is a way to the mail server that is down for a while.
type away struct {
	*mortal
	down  bool
	dials int
}

func (a *away) Open(ctx context.Context, id outreach.MailboxID) (outbound.Connection, error) {
	a.dials++
	if a.down {
		return nil, context.DeadlineExceeded
	}
	return a.mortal.Open(ctx, id)
}

// TestAServerThatIsDownForTwoHoursCostsNoAttempt steps two hours of sales time
// minute by minute, as the planner does.
func TestAServerThatIsDownForTwoHoursCostsNoAttempt(t *testing.T) {
	t.Parallel()
	const leads = 20
	for name, down := range map[string]func(r *rig, line *away, is bool){
		"it cannot be reached": func(_ *rig, line *away, is bool) { line.down = is },
		"it closes": func(r *rig, _ *away, is bool) {
			r.world.ClearFaults()
			if is {
				r.world.Fault("*", mailworld.Fault{At: mailworld.AtRcpt, Code: 421, Text: "4.3.2 closing", Ending: mailworld.AnswerClose})
			}
		},
		"it takes nobody": func(r *rig, _ *away, is bool) {
			r.world.ClearFaults()
			if is {
				r.world.Fault("*", mailworld.Fault{At: mailworld.AtMail, Code: 451, Text: "4.3.2 not now"})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 1, leads, mailworld.Options{})
			worker, m := r.sender("worker", never)
			line := &away{mortal: m}
			worker.Transport = line
			id := r.rows()[0].MailboxID
			down(r, line, true)
			for range 120 {
				r.must(worker.SendDue(context.Background(), id))
				r.clock.StepTo(r.clock.Now().Add(time.Minute))
			}
			r.waitQuiet()
			var attempts int
			r.must(r.db.GetContext(context.Background(), &attempts, `SELECT COALESCE(sum(attempts), 0) FROM sends`))
			if attempts != 0 || len(r.world.Accepted()) != 0 {
				t.Errorf("%d attempts were burnt, %d mails accepted", attempts, len(r.world.Accepted()))
			}
			if line.dials > 10 {
				t.Errorf("the server was asked %d times in two hours", line.dials)
			}
			down(r, line, false)
			r.goOn(worker)
			r.waitQuiet()
			got := audit(r.rows(), r.world.Accepted(), nil)
			if got.Sent != leads || got.Failed+got.Duplicates+got.Lost+got.Wrong+got.Unknown > 0 {
				t.Errorf("afterwards: %+v", got)
			}
		})
	}
}
