package bench

import (
	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
)

// Audit is what a comparison of the ledger with the mail server's own log shows.
// The server knows nothing of the ledger.
type Audit struct {
	Sent            int `json:"sent"`             // mails that the server accepted
	Duplicates      int `json:"duplicates"`       // surplus accepts of a recipient
	Lost            int `json:"lost"`             // leads without a mail and without a word of why
	Wrong           int `json:"wrong"`            // rows that say other than the server's log, or did not come to an end
	Unknown         int `json:"unknown"`          // rows that are or were in doubt
	UnknownAccepted int `json:"unknown_accepted"` // of those, mails that the server had accepted
	UnknownByServer int `json:"unknown_by_server"`
	SentAfterStop   int `json:"sent_after_stop"` // commit points behind a committed stop
	Failed          int `json:"failed"`
	Cancelled       int `json:"cancelled"`
}

// stopMark is a stop that was committed before its mark was taken.
type stopMark struct {
	lead outreach.LeadID
	mark int64
}

// audit compares. Each lead is to get one mail.
func audit(rows []outreach.AuditRow, accepts []mailworld.Accept, stops []stopMark) Audit {
	byID, byAddress := map[string]int{}, map[string]int{}
	for _, a := range accepts {
		byID[a.MessageID]++
		byAddress[outreach.AddressKey(a.To)]++
	}
	a := Audit{Sent: len(accepts)}
	for _, n := range byAddress {
		a.Duplicates += n - 1
	}
	marks := map[outreach.LeadID]int64{}
	for _, s := range stops {
		marks[s.lead] = s.mark
	}
	for _, row := range rows {
		a.add(row, byID[row.RFCMessageID] > 0)
		if mark, stopped := marks[row.LeadID]; stopped && row.CommitSeq > mark {
			a.SentAfterStop++
		}
		delete(byID, row.RFCMessageID)
	}
	a.Wrong += len(byID) // accepted, and not in the ledger at all
	return a
}

// add judges one lead's row.
func (a *Audit) add(row outreach.AuditRow, accepted bool) {
	if row.WasUnknown {
		a.Unknown++
		if accepted {
			a.UnknownAccepted++
		}
		if row.Unanswered {
			a.UnknownByServer++
		}
	}
	switch row.State {
	case outreach.SendSent:
		if !accepted {
			a.Lost++
			a.Wrong++
		}
	case outreach.SendUnknown, outreach.SendAssumedSent:
		if !row.WasUnknown {
			a.Wrong++ // in doubt without the event that lists it
		}
	case outreach.SendFailed:
		a.Failed++
		a.wrongIf(accepted)
	case outreach.SendCancelled:
		a.Cancelled++
		a.wrongIf(accepted)
	default: // no row, or one that did not come to an end
		a.wrongIf(accepted)
		if !accepted && row.Stopped == "" {
			a.Lost++
		}
	}
}

func (a *Audit) wrongIf(bad bool) {
	if bad {
		a.Wrong++
	}
}
