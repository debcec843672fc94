package outbound

import "drumbeat/internal/outreach"

// note writes down that a server took a mail. Should that fail, the mail has gone
// all the same and its result is on its way to the ledger: a crash in between
// leaves it in doubt, as without a spool.
func (s *Sender) note(claim outreach.Claimed, outcome Outcome) {
	if s.Spool == nil || outcome.Settlement.State != outreach.SendSent {
		return
	}
	err := s.Spool.Accepted(outreach.Accepted{
		SendID: claim.ID, Fence: claim.Fence, RFCMessageID: claim.RFCMessageID, DedupeKey: claim.DedupeKey, StepIndex: claim.StepIndex,
		Recipient: outreach.RecipientMark(claim.RFCMessageID, claim.To), At: outcome.Settlement.At, Code: outcome.Settlement.Result.Code,
	})
	if err != nil {
		s.Logger.Warn("not noted in the spool", "send_id", claim.ID, "error", err)
	}
}

// noted forgets what the ledger has taken.
func (s *Sender) noted(claim outreach.Claimed, outcome Outcome) {
	if s.Spool != nil && outcome.Settlement.State == outreach.SendSent {
		s.Spool.Settled(claim.ID, claim.Fence)
	}
}
