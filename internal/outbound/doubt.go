package outbound

import (
	"context"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/sequence"
)

// How long evidence may take, in sales time, before the policy decides.
const (
	// evidenceTime: a late answer, the spool, a bounce and the Sent folder usually
	// show within minutes what became of a mail.
	evidenceTime = 15 * time.Minute
	// lookTime is the longest that sending again waits for a look into the Sent
	// folder: a copy that lies there must not be followed by another.
	lookTime  = 24 * time.Hour
	lookAgain = 5 * time.Minute
)

// inDoubt decides about a step whose mail may or may not have gone. False: the
// sequence goes on as if it had.
func (b *batchOf) inDoubt(s *script, earlier *outreach.Send) (outreach.ClaimDecision, bool) {
	doubt := earlier.Doubt
	if doubt == nil {
		return outreach.ClaimDecision{}, false // from before doubts were listed
	}
	if until := doubt.Since.Add(evidenceTime); until.After(b.now) {
		return wait(outreach.ReasonInDoubt, until), true
	}
	switch s.Send.Unknown {
	case sequence.UnknownHold:
		d := hold(outreach.ReasonInDoubt, fmt.Sprintf("Nobody can tell whether mail %d went. Look into the Sent folder, then say so: drumbeat sends resolve %d",
			earlier.ID, earlier.ID))
		d.Hold = outreach.HoldUnknown
		return d, true
	case sequence.UnknownResendOnce:
		if doubt.Resends > 0 {
			return outreach.ClaimDecision{}, false
		}
		if doubt.LookedAt == nil && doubt.Since.Add(lookTime).After(b.now) {
			return wait(outreach.ReasonInDoubt, b.now.Add(lookAgain)), true
		}
		return outreach.ClaimDecision{Action: outreach.ClaimResend, Reason: outreach.ReasonInDoubt}, true
	}
	return outreach.ClaimDecision{}, false
}

// keepAhead keeps the bytes of a mail before it goes, where the policy or the rep
// may want to send them once more: of a process that dies they would be lost with
// it. Nobody else pays for this write.
func (s *Sender) keepAhead(ctx context.Context, claim outreach.Claimed, mail outreach.Frozen) error {
	if claim.Purpose != outreach.PurposeStep || claim.Frozen != nil {
		return nil
	}
	known, ok := s.Decider.Scripts.known(claim.Due.Enrolment.RevisionID)
	if !ok || known.err != nil || known.script.Send.Unknown == sequence.UnknownAssumedSent {
		return nil
	}
	if err := s.Claims.KeepBytes(ctx, claim.ID, claim.Fence, mail); err != nil {
		return fmt.Errorf("keep bytes: %w", err)
	}
	return nil
}
