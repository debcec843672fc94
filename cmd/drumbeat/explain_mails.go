package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// exchanged is one mail between us and a lead.
type exchanged struct {
	at   time.Time
	text string
}

// printMails lists what was written by either side, newest first. An answer
// stands with its number, by which reply correct knows it.
func printMails(w io.Writer, s outreach.Story) {
	var all []exchanged
	for _, send := range s.Sends {
		all = append(all, exchanged{send.MovedAt(), mailLine(send)})
	}
	for _, reply := range s.Replies {
		all = append(all, exchanged{reply.ReceivedAt, answerLine(reply)})
	}
	if len(all) == 0 {
		return
	}
	slices.SortStableFunc(all, func(a, b exchanged) int { return b.at.Compare(a.at) })
	fmt.Fprintln(w, "\nWhat was written, newest first")
	for _, e := range all {
		fmt.Fprintf(w, "  %s  %s\n", moment(&e.at), printable(e.text))
	}
}

// printWebhooks lists what other services were told, newest first, with the number
// by which webhook retry and webhook skip know it.
func printWebhooks(w io.Writer, s outreach.Story) {
	if len(s.Webhooks) == 0 {
		return
	}
	fmt.Fprintln(w, "\nWhat other services were told, newest first")
	for _, v := range s.Webhooks {
		at := v.MovedAt()
		text := fmt.Sprintf("webhook %d, %s of %s (%s), attempts: %d", v.ID, v.StepID, v.SequenceID, v.State, v.Attempts)
		if last := lastAnswer(v); last != "" {
			text += "; " + last
		}
		switch {
		case v.State == outreach.WebhookPlanned && v.DueAt != nil:
			text += "; tried again " + moment(v.DueAt)
		case v.State == outreach.WebhookAccepted && v.DueAt != nil:
			text += "; its callback is awaited until " + moment(v.DueAt)
		case v.State == outreach.WebhookFailed:
			text += fmt.Sprintf("; drumbeat webhook retry %d drives it again, webhook skip %d goes on without it", v.ID, v.ID)
		}
		fmt.Fprintf(w, "  %s  %s\n", moment(&at), printable(text))
	}
}

func mailLine(s outreach.SendView) string {
	what := string(s.Purpose)
	if s.SequenceID != "" {
		what = fmt.Sprintf("%s of %s", s.StepID, s.SequenceID)
	}
	text := fmt.Sprintf("%s (%s): %s", what, s.State, s.Subject)
	if s.UnknownReason != "" {
		text += "; " + s.UnknownReason
	}
	return text
}

// longestQuote is how much of an answer one line shows, in runes.
const longestQuote = 90

func answerLine(r outreach.ReplyView) string {
	sure := fmt.Sprintf("%.0f %%", 100*r.Confidence)
	switch {
	case r.Corrected != "":
		sure = "a person said so"
	case r.Abstained:
		sure += ", not sure"
	}
	words := []rune(strings.Join(strings.Fields(r.Text), " "))
	quote := string(words[:min(len(words), longestQuote)])
	if len(words) > longestQuote {
		quote += " ..."
	}
	return fmt.Sprintf("answer %d is %s (%s): %s", r.ID, cmp.Or(r.Corrected, r.Label), sure, quote)
}
