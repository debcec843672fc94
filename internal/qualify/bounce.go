package qualify

import (
	"time"

	"drumbeat/internal/outreach"
)

const (
	// hardAfter soft bounces within 14 days an address counts as dead.
	hardAfter = 3
	// blockFor is how long a mailbox leaves a domain alone that refused it by policy.
	blockFor = 24 * time.Hour
)

func (d *Decision) bounce(in Input) {
	switch {
	case in.Read.Label == outreach.LabelBounceBlock:
		d.block(in)
	case in.Read.Label == outreach.LabelBounceHard:
		d.dead(in, string(outreach.LabelBounceHard), "The address does not exist.")
	case in.SoftBounces+1 >= hardAfter:
		d.dead(in, "bounce_soft_third", "The third soft bounce in 14 days.")
	default:
		d.Move = outreach.MoveForward
		d.decided(string(outreach.LabelBounceSoft), "A soft bounce: noted.", "The sequence goes on; the third within 14 days ends it.")
	}
}

func (d *Decision) dead(in Input, rule, why string) {
	d.Move, d.Stop = outreach.MoveStop, outreach.StopBounced
	d.Suppress, d.SuppressWhy = addresses(in.Lead.Email), outreach.StopBounced
	d.decided(rule, why+" Stopped, address suppressed.", "The lead needs another address.")
}

// block is about us, not about the lead.
func (d *Decision) block(in Input) {
	domain := in.Bounce.Domain
	if domain == "" {
		domain = outreach.Domain(in.Lead.Email)
	}
	d.Move = outreach.MoveForward
	d.Block = &outreach.Block{Domain: domain, Until: in.Now.Add(blockFor), Reason: in.Bounce.Reason, Whole: in.Bounce.Whole}
	next := "This mailbox leaves " + domain + " alone for a day."
	if in.Bounce.Whole {
		next = "This mailbox stops until somebody has looked."
	}
	d.decided(string(outreach.LabelBounceBlock), "The server refused our mail by policy; the lead is untouched.", next)
}
