package main

import (
	"time"

	"drumbeat/internal/outreach"
)

// storyJSON is what explain and lead show print.
type storyJSON struct {
	Lead         leadJSON       `json:"lead"`
	Lists        []string       `json:"lists"`
	Suppressed   string         `json:"suppressed"` // empty: not
	NoEnrolUntil string         `json:"no_enrol_until,omitempty"`
	Next         []nextJSON     `json:"next"`
	Decisions    []decisionJSON `json:"decisions"`
	Facts        []factJSON     `json:"facts"`
	Sends        []sendJSON     `json:"sends"`
	Replies      []replyJSON    `json:"replies"`
	Webhooks     []webhookJSON  `json:"webhooks"`
}

type nextJSON struct {
	Sequence string `json:"sequence"`
	Revision int    `json:"revision"`
	State    string `json:"state"`
	Reason   string `json:"reason"`
	Step     int    `json:"step"`
	DueAt    string `json:"due_at,omitempty"`
	Waits    string `json:"waits,omitempty"`
	Until    string `json:"paused_until,omitempty"`
	Mailbox  string `json:"mailbox"`
	Timezone string `json:"timezone"`
}

type decisionJSON struct {
	At       string `json:"at"`
	Kind     string `json:"kind"`
	Reason   string `json:"reason"`
	Rule     string `json:"rule"`
	Actor    string `json:"actor"`
	Detail   string `json:"detail"`
	Sequence string `json:"sequence,omitempty"`
}

type factJSON struct {
	Name       string  `json:"name"`
	Status     string  `json:"status"`
	Value      string  `json:"value"`
	Quote      string  `json:"quote"`
	Confidence float64 `json:"confidence"`
}

type sendJSON struct {
	ID            int64  `json:"id"`
	At            string `json:"at"`
	State         string `json:"state"`
	Purpose       string `json:"purpose"`
	Sequence      string `json:"sequence"`
	Step          string `json:"step"`
	Mailbox       string `json:"mailbox"`
	To            string `json:"to"`
	Subject       string `json:"subject"`
	MessageID     string `json:"message_id"`
	Code          int    `json:"code"`
	Text          string `json:"text"`
	UnknownReason string `json:"unknown_reason,omitempty"`
	ResolvedBy    string `json:"resolved_by,omitempty"`
}

type replyJSON struct {
	ID         int64   `json:"id"`
	At         string  `json:"at"`
	Kind       string  `json:"kind"`
	Label      string  `json:"label"`
	Confidence float64 `json:"confidence"`
	Abstained  bool    `json:"abstained"`
	Text       string  `json:"text"`
	Corrected  string  `json:"corrected,omitempty"`
}

func storyToJSON(s outreach.Story) storyJSON {
	j := storyJSON{
		Lead: leadToJSON(s.Lead), Lists: s.Lists, Suppressed: s.Suppressed, NoEnrolUntil: rfc3339(s.NoEnrolUntil),
		Next: []nextJSON{}, Decisions: []decisionJSON{}, Facts: []factJSON{}, Sends: sendsToJSON(s.Sends), Replies: []replyJSON{},
		Webhooks: webhooksToJSON(s.Webhooks),
	}
	for _, e := range s.Enrolments {
		j.Next = append(j.Next, nextJSON{
			Sequence: string(e.SequenceID), Revision: e.Revision, State: string(e.State), Reason: e.StateReason, Step: e.Step,
			DueAt: rfc3339(e.DueAt), Waits: string(e.WaitReason), Until: rfc3339(e.PausedUntil), Mailbox: string(e.MailboxID), Timezone: e.Timezone,
		})
	}
	for _, d := range s.Decisions {
		j.Decisions = append(j.Decisions, decisionJSON{
			At: rfc3339(&d.At), Kind: d.Kind, Reason: d.Reason, Rule: d.Rule, Actor: d.Actor, Detail: d.Detail, Sequence: string(d.SequenceID),
		})
	}
	for _, f := range s.Facts {
		j.Facts = append(j.Facts, factJSON{f.Name, string(f.Status), f.Value, f.Quote, f.Confidence})
	}
	for _, r := range s.Replies {
		j.Replies = append(j.Replies, replyJSON{
			int64(r.ID), rfc3339(&r.ReceivedAt), string(r.Kind), string(r.Label), r.Confidence, r.Abstained, r.Text, string(r.Corrected),
		})
	}
	return j
}

func sendsToJSON(sends []outreach.SendView) []sendJSON {
	all := make([]sendJSON, len(sends))
	for i, s := range sends {
		at := s.MovedAt()
		all[i] = sendJSON{
			ID: int64(s.ID), At: rfc3339(&at), State: string(s.State), Purpose: string(s.Purpose), Sequence: string(s.SequenceID),
			Step: string(s.StepID), Mailbox: string(s.MailboxID), To: s.To, Subject: s.Subject, MessageID: s.RFCMessageID,
			Code: s.SMTPCode, Text: s.SMTPText, UnknownReason: s.UnknownReason, ResolvedBy: s.ResolvedBy,
		}
	}
	return all
}

// rfc3339 shows a time in UTC; empty for none.
func rfc3339(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
