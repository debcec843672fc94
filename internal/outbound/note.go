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

// copied keeps a mail that went for the Sent folder, beside the next mail.
func (s *Sender) copied(claim outreach.Claimed, mail outreach.Frozen, outcome Outcome) {
	if s.Copies == nil || outcome.Settlement.State != outreach.SendSent {
		return
	}
	if err := s.Copies.Keep(claim.MailboxID, claim.RFCMessageID, outcome.Settlement.At, mail.Raw); err != nil {
		s.Logger.Warn("no copy for the sent folder", "send_id", claim.ID, "error", err)
	}
}
