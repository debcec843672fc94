package outbound

import (
	"context"
	"sync"
	"time"

	"drumbeat/internal/outreach"
)

// outages counts how often in a row a mailbox's server could not be reached, so
// that a server that is down is asked less and less often.
type outages struct {
	mu     sync.Mutex
	inARow map[outreach.MailboxID]int
}

// next is how long to wait after one more failure, in sales time: 1, 2, 4 ...
// minutes, an hour at most.
func (o *outages) next(id outreach.MailboxID) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.inARow == nil {
		o.inARow = make(map[outreach.MailboxID]int)
	}
	pause := time.Minute << min(o.inARow[id], 6)
	o.inARow[id]++
	return min(pause, time.Hour)
}

// over notes that the server has answered.
func (o *outages) over(id outreach.MailboxID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.inARow, id)
}

// codeClosing is a server's word that it closes for everybody (RFC 5321, section 3.8).
const codeClosing = 421

// serverAway tells a server that puts off us, not this mail: it closes, or it takes
// no sender now. That burns no attempt of any mail; the mailbox rests.
func serverAway(r outreach.DeliveryResult) bool {
	return r.Delivery == outreach.DeliveryDeferred && (r.Phase == phaseMail || r.Code == codeClosing)
}

// rest keeps a mailbox, with its notices, from its server, each time longer.
func (s *Sender) rest(ctx context.Context, id outreach.MailboxID) error {
	return s.Leases.DelayMailbox(context.WithoutCancel(ctx), id, s.Clock.Now().Add(s.outages.next(id)), outreach.ReasonServerUnreachable)
}

// deferrals counts, for a mailbox and a recipient domain, how many mails in a row
// were put off that had been put off before: a first time is how greylisting greets
// everybody. After a few of them the domain is left alone for a while, so that the
// other mails there burn no attempts.
type deferrals struct {
	mu     sync.Mutex
	inARow map[mailboxDomain]int
}

type mailboxDomain struct {
	mailbox outreach.MailboxID
	domain  string
}

// deferralsToPause is how many of them in a row it takes.
const deferralsToPause = 3

// next counts one more and says how long to leave the domain alone, in sales time:
// 15 minutes, 30, an hour ... 4 hours at most. Zero: not yet.
func (d *deferrals) next(at mailboxDomain) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inARow == nil {
		d.inARow = make(map[mailboxDomain]int)
	}
	d.inARow[at]++
	beyond := d.inARow[at] - deferralsToPause
	if beyond < 0 {
		return 0
	}
	return min(15*time.Minute<<min(beyond, 4), 4*time.Hour)
}

// over notes that the domain takes mail again.
func (d *deferrals) over(at mailboxDomain) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.inARow, at)
}

// slow leaves the recipient's domain alone when its server keeps putting mails off.
func (o *Outcome) slow(claim outreach.Claimed, result outreach.DeliveryResult, d *deferrals) {
	if claim.Purpose != outreach.PurposeStep {
		return
	}
	at := mailboxDomain{claim.MailboxID, outreach.Domain(claim.To)}
	switch {
	case result.Delivery == outreach.DeliveryAccepted:
		d.over(at)
	case result.Delivery == outreach.DeliveryDeferred && claim.Attempts > 0 && o.Settlement.State == outreach.SendPlanned && !serverAway(result):
		pause := d.next(at)
		if pause == 0 {
			return
		}
		until := o.Settlement.At.Add(pause)
		o.Refusal = &outreach.Refusal{
			SendID: claim.ID, LeadID: claim.LeadID, MailboxID: claim.MailboxID, At: o.Settlement.At, Detail: result.Text,
			PauseDomain: at.domain, PauseUntil: &until, Slow: true,
		}
	}
}
