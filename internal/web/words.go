package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// functions are what the templates may call.
func functions(zone *time.Location) template.FuncMap {
	return template.FuncMap{
		"moment":  func(t any) string { return moment(t, zone) },
		"clock":   func(t time.Time) string { return t.In(zone).Format("15:04") },
		"zone":    func(t time.Time) string { return t.In(zone).Format("MST") },
		"words":   words,
		"tone":    tone,
		"percent": func(f float64) string { return fmt.Sprintf("%.0f %%", f*100) },
		"age":     age,
		"excerpt": excerpt,
		"hours":   hours,
		"in":      func(n map[outreach.EnrolmentState]int, state outreach.EnrolmentState) int { return n[state] },
	}
}

// moment shows a sales time with its zone, the way people say it.
func moment(t any, zone *time.Location) string {
	switch t := t.(type) {
	case time.Time:
		return t.In(zone).Format("Mon 2 Jan 2006, 15:04 MST")
	case *time.Time:
		if t != nil {
			return moment(*t, zone)
		}
	}
	return ""
}

// words makes a stable word of the vocabulary readable: "no_thanks" is "no thanks".
func words(v any) string { return strings.ReplaceAll(fmt.Sprint(v), "_", " ") }

// hours names the zone in whose business hours a lead is written to.
func hours(zone string) string {
	if country, whole := strings.CutPrefix(zone, "country:"); whole {
		return "all zones of " + country
	}
	return zone
}

// tone is the colour class of a word: good, warn, bad or quiet.
func tone(v any) string {
	switch fmt.Sprint(v) {
	case "meeting", "interested", "won", "sent", "known", "done", "overcome", "passed":
		return "good"
	case "price", "authority", "status_quo", "brush_off", "unclear", "held", "nurture", "open", "denied", "deferred", "planned", "paused":
		return "warn"
	case "unknown", "failed", "complaint", "bounce_hard", "bounce_block", "lost", "do_not_contact", "unsubscribe", "unsubscribed",
		"complained", "bounced", "suppressed", "stopped":
		return "bad"
	case "qualifying", "presenting", "closing", "active", "claimed", "committing", "connecting":
		return "live"
	}
	return "quiet"
}

// age shows how long ago something was, by the machine's time.
func age(d *time.Duration) string {
	switch {
	case d == nil:
		return "never"
	case *d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case *d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h ago", int(d.Hours()))
}

// excerpt is the beginning of a text, cut between words.
func excerpt(text string) string {
	const longest = 180
	text = strings.Join(strings.Fields(text), " ")
	runes := []rune(text)
	if len(runes) <= longest {
		return text
	}
	cut := string(runes[:longest])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return cut + " …"
}

// Count is a bar of a chart: a word, how often, and its share of the longest bar.
type Count struct {
	Word  string
	N     int
	Share int // per cent
	Link  string
}

// counts makes bars in the order of words, leaving out what never occurs. With an
// empty link they lead nowhere.
func counts[K ~string](order []K, n map[K]int, link string) []Count {
	longest := 1
	for _, k := range order {
		longest = max(longest, n[k])
	}
	var all []Count
	for _, k := range order {
		if n[k] == 0 {
			continue
		}
		c := Count{Word: string(k), N: n[k], Share: max(1, 100*n[k]/longest)}
		if link != "" {
			c.Link = link + string(k)
		}
		all = append(all, c)
	}
	return all
}

func sum[K comparable](n map[K]int, keys ...K) int {
	total := 0
	for _, k := range keys {
		total += n[k]
	}
	return total
}

func enrolmentStates() []outreach.EnrolmentState {
	return []outreach.EnrolmentState{
		outreach.EnrolmentActive, outreach.EnrolmentPaused, outreach.EnrolmentHeld, outreach.EnrolmentStopped, outreach.EnrolmentFinished,
	}
}
