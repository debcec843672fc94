package main

import (
	"strings"

	"drumbeat/internal/outreach"
)

// waitWords says why a step has not gone yet.
func waitWords(e outreach.EnrolmentView) string {
	zone := strings.TrimPrefix(e.Timezone, "country:")
	words := map[outreach.Reason]string{
		outreach.ReasonOutsideWindow:  "it is outside the sequence's hours in " + zone,
		outreach.ReasonMailboxCap:     "mailbox " + string(e.MailboxID) + " has used up its cap of the day",
		outreach.ReasonNewLeadCap:     "as many new leads as daily_new_leads allows have begun today",
		outreach.ReasonDomainCap:      "the mailbox has sent as many mails to this domain today as daily_per_domain allows",
		outreach.ReasonGap:            "mailbox " + string(e.MailboxID) + " keeps its gap behind another mail",
		outreach.ReasonMailboxPaused:  "mailbox " + string(e.MailboxID) + " is paused",
		outreach.ReasonSequencePaused: "the sequence is paused",
		outreach.ReasonLeadPaused:     "the lead is paused",
		outreach.ReasonInFlight:       "another mail to the lead is under way",
		outreach.ReasonInboxStale:     "the mailbox's inbox has not been read lately, and an answer might lie there",
		outreach.ReasonInDoubt:        "it is in doubt whether the mail before has gone",
		outreach.ReasonWebhook:        "the webhook before it was not accepted yet",
		outreach.ReasonCallback:       "it waits for the webhook's callback",
		outreach.ReasonDeferred:       "the lead's server asked to try later",
		"server_unreachable":          "the mailbox's server cannot be reached",
	}
	if text, known := words[e.WaitReason]; known {
		return text
	}
	return string(e.WaitReason)
}

// whatWouldChange says what a person could do about where an enrolment stands;
// empty when time alone does it.
func whatWouldChange(s outreach.Story, e outreach.EnrolmentView) string {
	lead := s.Lead.Email
	if s.Suppressed != "" && e.State == outreach.EnrolmentStopped {
		return "Nothing changes that: the address is suppressed."
	}
	switch e.State {
	case outreach.EnrolmentHeld:
		return map[outreach.HoldReason]string{
			outreach.HoldReply:     "The answer that came in is being read.",
			outreach.HoldTriage:    "Say what the answer means: drumbeat reply correct. If it could not be read, look into the mailbox, then: drumbeat lead resume " + lead,
			outreach.HoldNeedsData: "Import the lead with the field that is missing: then it goes on. If it is there by now: drumbeat lead resume " + lead,
			outreach.HoldMailbox:   "Bring the mailbox back: drumbeat mailbox resume " + string(e.MailboxID),
			outreach.HoldRep:       "A rep asked for it; see the reason below, then: drumbeat lead resume " + lead,
			outreach.HoldUnknown:   "Say whether the mail went: drumbeat sends resolve.",
		}[outreach.HoldReason(e.StateReason)]
	case outreach.EnrolmentStopped:
		return stoppedForGood(outreach.StopReason(e.StateReason))
	case outreach.EnrolmentActive:
		return map[outreach.Reason]string{
			outreach.ReasonMailboxPaused:  "Bring it back: drumbeat mailbox resume " + string(e.MailboxID),
			outreach.ReasonSequencePaused: "Let it go on: drumbeat sequence resume " + string(e.SequenceID),
			outreach.ReasonLeadPaused:     "Let it go on: drumbeat lead resume " + lead,
			outreach.ReasonMailboxCap:     "A higher cap in mailboxes.yaml, or another mailbox, would let more go today.",
			outreach.ReasonNewLeadCap:     "A higher daily_new_leads in the sequence would let more begin.",
			outreach.ReasonGap:            "A shorter gap in the sequence would let more go.",
			outreach.ReasonOutsideWindow:  "A wider send.window would let it go earlier; leads under way keep the hours of their revision.",
			outreach.ReasonInboxStale:     "drumbeat doctor tells whether the inbox can be read.",
			"server_unreachable":          "drumbeat doctor tells whether the server answers.",
		}[e.WaitReason]
	}
	return ""
}

func stoppedForGood(reason outreach.StopReason) string {
	switch reason {
	case outreach.StopReplied:
		return "The lead, or a colleague, has answered: a person goes on from here."
	case outreach.StopBounced, outreach.StopLeftCompany:
		return "The lead needs another address: import it as a new lead."
	case outreach.StopSendFailed:
		return "The server refused the mail without saying why; see the mails below."
	}
	return "Nothing restarts by itself."
}
