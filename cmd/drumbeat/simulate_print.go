package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/simulate"
)

// simulationJSON is the object of simulate --json.
type simulationJSON struct {
	Sequence string                  `json:"sequence"`
	Revision int                     `json:"revision"` // always 1: a file that was not applied has no number of its own
	Start    string                  `json:"start"`
	Leads    int                     `json:"leads"`
	Enrolled int                     `json:"enrolled"`
	EndsOn   *string                 `json:"ends_on"` // null: not within the days
	Sent     int                     `json:"sent"`
	Unsent   map[outreach.Reason]int `json:"unsent"`
	Days     []simulatedDayJSON      `json:"days"`
	Plan     string                  `json:"plan_sha256"`
	Lead     []happeningJSON         `json:"lead,omitempty"`
}

type simulatedDayJSON struct {
	Date      string                  `json:"date"`
	New       int                     `json:"new"`
	FollowUps int                     `json:"follow_ups"`
	Held      map[outreach.Reason]int `json:"held"`
	Binding   outreach.Reason         `json:"binding"`
	Replies   map[outreach.Label]int  `json:"replies"`
}

type happeningJSON struct {
	At   string `json:"at"`
	Kind string `json:"kind"`
	Text string `json:"text"`
}

func simulateToJSON(r simulate.Report) simulationJSON {
	j := simulationJSON{
		Sequence: string(r.Sequence.ID), Revision: 1, Start: r.Start.String(), Leads: r.Leads, Enrolled: r.Enrolled,
		Sent: r.Sent, Unsent: r.Unsent, Days: []simulatedDayJSON{}, Plan: r.PlanSHA256,
	}
	if r.EndsOn != nil {
		day := r.EndsOn.String()
		j.EndsOn = &day
	}
	for _, d := range r.Days {
		j.Days = append(j.Days, simulatedDayJSON{d.Date.String(), d.New, d.FollowUps, d.Held, d.Binding, d.Replies})
	}
	for _, h := range r.Transcript {
		j.Lead = append(j.Lead, happeningJSON{h.At.UTC().Format(time.RFC3339), h.Kind, h.Text})
	}
	return j
}

// printSimulation prints for people: the days, the calendar, what became of all.
func printSimulation(w io.Writer, r simulate.Report, f simulateFlags, profile string, refused map[string]int) {
	fmt.Fprintf(w, "%s: %s\n", printable(r.Sequence.Name), r.Headline())
	fmt.Fprintf(w, "answers by %s; days of %s\n", printable(profile), r.Zone)
	for _, reason := range slices.Sorted(maps.Keys(refused)) {
		fmt.Fprintf(w, "%s refused: %s\n", counted(refused[reason], "row"), reason)
	}
	printDays(w, r)
	printCalendar(w, r)
	printUnsent(w, r)
	if replies := r.Replies(); len(replies) > 0 {
		fmt.Fprintf(w, "\nAnswers: %s\n", countsLine(replies))
	}
	if f.lead != "" {
		printTranscript(w, f.lead, r.Transcript)
	}
	fmt.Fprintf(w, "\nplan %s\n", r.PlanSHA256)
}

func printUnsent(w io.Writer, r simulate.Report) {
	if len(r.Unsent) == 0 {
		return
	}
	fmt.Fprintln(w, "\nEmail steps that do not go out")
	t := newTable(w)
	for _, reason := range byCount(r.Unsent) {
		t.row("  "+string(reason), fmt.Sprint(r.Unsent[reason]), reasonWords(reason))
	}
	_ = t.flush() // a closed pipe is the reader's wish
}

func printDays(w io.Writer, r simulate.Report) {
	fmt.Fprintln(w)
	t := newTable(w, "DAY", "NEW", "FOLLOW-UPS", "ANSWERS", "LIMIT", "HELD BACK")
	for _, d := range r.Days {
		if d.Sent() == 0 && len(d.Replies) == 0 && (d.Binding == simulate.BindingNone || d.Binding == outreach.ReasonOutsideWindow) {
			continue // a weekend
		}
		t.row(d.Date.Time(time.UTC).Format("Mon 2006-01-02"), fmt.Sprint(d.New), fmt.Sprint(d.FollowUps), fmt.Sprint(total(d.Replies)),
			string(d.Binding), countsLine(d.Held))
	}
	_ = t.flush()
}

// printCalendar draws a row a week: the mails of each day, and how full it is.
func printCalendar(w io.Writer, r simulate.Report) {
	most := 0
	for _, d := range r.Days {
		most = max(most, d.Sent())
	}
	fmt.Fprintf(w, "\n%-8s", "")
	for _, name := range []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"} {
		fmt.Fprintf(w, "%-8s", name)
	}
	fmt.Fprintln(w)
	for _, week := range r.Weeks() {
		line := fmt.Sprintf("%-8s", week.Monday.Time(time.UTC).Format("2 Jan"))
		for _, day := range week.Days {
			switch {
			case day == nil:
				line += fmt.Sprintf("%-8s", "")
			case day.Sent() == 0:
				line += fmt.Sprintf("%-8s", "  ·")
			default:
				line += fmt.Sprintf("%s %-6d", string([]rune("▁▂▃▄▅▆▇█")[(day.Sent()*8-1)/max(most, 1)]), day.Sent())
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

func printTranscript(w io.Writer, lead string, all []simulate.Happening) {
	fmt.Fprintf(w, "\nWhat happens to %s\n", printable(lead))
	if len(all) == 0 {
		fmt.Fprintln(w, "  nothing: no lead of the file has this address")
	}
	for _, h := range all {
		fmt.Fprintf(w, "  %s  %-8s  %s\n", h.At.UTC().Format("Mon 2006-01-02 15:04 MST"), h.Kind, printable(h.Text))
	}
}

// byCount lists the keys, the most frequent first.
func byCount[K ~string](counts map[K]int) []K {
	keys := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(keys, func(a, b K) int { return counts[b] - counts[a] })
	return keys
}

func countsLine[K ~string](counts map[K]int) string {
	var parts []string
	for _, key := range byCount(counts) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[key], key))
	}
	return strings.Join(parts, ", ")
}

// reasonWords says for people what a reason of unsent steps means.
func reasonWords(reason outreach.Reason) string {
	return map[outreach.Reason]string{
		"replied": "the lead answered first", "unsubscribed": "the lead asked for no more mail", "bounced": "the address is dead",
		"complained": "the lead marked a mail as spam", "left_company": "the lead has left the company", "triage": "an answer waits for a person",
		outreach.ReasonNeedsData: "a field is missing: the lead waits for it", outreach.ReasonNotDue: "the days end before it is due",
		outreach.ReasonNewLeadCap: "daily_new_leads lets no more begin", outreach.ReasonMailboxCap: "the mailbox's cap of the day is used up",
		outreach.ReasonGap: "the gaps between mails leave no room", outreach.ReasonOutsideWindow: "outside the window",
		outreach.ReasonLeadPaused: "the lead is away", simulate.ReasonSkipped: "the sequence passes over it",
		"below_min_fit": "the lead fits the profile too little to enter", "email_status": "the lead's email_status may not enter",
		"company_has_enough": "max_per_company of the company are under way",
	}[reason]
}
