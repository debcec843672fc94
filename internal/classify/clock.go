package classify

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"drumbeat/internal/outreach"
)

// OfferedTime is a time of day that the sender offers or accepts, on a day that
// the reply names.
type OfferedTime struct {
	Day        outreach.Day
	From, To   string // local, "15:04"; To is empty where no range is given
	Zone       string // as named, such as "ET" or "CEST"; else the offset of the mail's Date, "+02:00"
	ZoneFrom   ZoneSource
	Text       string
	Start, End int // runes in Input.Text
}

// String writes a time for people: "Tue 6 May, 14:00-15:00 ET".
func (o OfferedTime) String() string {
	day := o.Day.Weekday().String()[:3] + " " + strconv.Itoa(o.Day.Dom) + " " + o.Day.Month.String()[:3]
	text := day + ", " + o.From
	if o.To != "" {
		text += "-" + o.To
	}
	switch o.ZoneFrom {
	case ZoneRecipient:
		return text + " your time"
	case ZoneSender:
		return text + " (UTC" + o.Zone + ", from the mail)"
	}
	return text + " " + o.Zone
}

// ZoneSource tells how sure a zone is.
type ZoneSource string

// Where a zone comes from.
const (
	ZoneNamed     ZoneSource = "text"      // the sender names it
	ZoneSender    ZoneSource = "sender"    // implied by the Date of the mail
	ZoneRecipient ZoneSource = "recipient" // "your time"; Zone is empty
)

// maxTimes is how many times of a reply are reported.
const maxTimes = 10

// hourCues stand before a bare hour: "at 4", "um 14", "a las 4", "between 3".
const hourCues = `at|@|around|after|from|between|um|ab|gegen|von|zwischen|nach|à|vers|entre|dès|a las|a la|desde las|entre las|de las|alle|dalle|le|tra le|verso le|às|das|entre as|om|vanaf|tussen|rond|kl\.?|klo|klockan|mellan|mellem|mellom|o|o godz\.?|od|między|v|ve|od|saat|ora|la ora|στις`

var (
	// clockPattern: hours with minutes, or with a word that makes them hours.
	clockPattern = regexp.MustCompile(`(?i)(?:(?:^|[^\pL\pN.,:/+-])(` + hourCues + `)\s+)?\b([01]?\d|2[0-4])(?:(:|h|\.)([0-5]\d)\b|\b)?\s*(a\.m\.|p\.m\.|am\b|pm\b|uhr\b|uur\b|o['’]clock\b|h\b|hrs?\b|heures?\b|hodin\b)?`)
	// noonPattern: the words for noon.
	noonPattern = regexp.MustCompile(`(?i)\b(noon|midday|zwölf uhr|midi|mediodía|mezzogiorno|meio-dia|12 uur 's middags)\b`)
	// toPattern joins the ends of a range.
	toPattern = regexp.MustCompile(`(?i)^\s*(?:-|–|—|to|and|until|till|bis|und|à|et|y|a las|e las|y las|a|e|e le|alle|às|e as|tot|en|till|til|og|och|do|i|až|ve|ile)\s*$`)
	// zonePattern names a zone behind a time.
	zonePattern = regexp.MustCompile(`^[\s,(]*((?:UTC|GMT)\s?[+-]\s?\d{1,2}(?::\d\d)?|[ECMP][SD]?T|GMT|BST|UTC|CES?T|MES?Z|EES?T|WES?T|IST|SGT|AE[SD]T|AC[SD]T|AWST|NZ[SD]T|JST|KST|HKT|HST|AK[SD]T|BRT|ART|SAST|GST|PKT|WAT|EAT|MSK|Eastern|Central|Pacific|Mountain|UK time|London time|[A-Z][a-z]+ time)\b`)
	yourTime    = regexp.MustCompile(`(?i)^[\s,(]*(?:your time|ihrer zeit|deiner zeit|heure (?:chez vous|de chez vous)|hora tuya|vuestra hora|ora vostra|jullie tijd)\b`)
	// halfPattern tells the half of the day behind or before a time.
	laterPattern   = regexp.MustCompile(`(?i)^[\s,]*(?:in the )?(?:afternoon|evening|nachmittags?|abends?|de l['’]après-midi|du soir|de la (?:tarde|noche)|del pomeriggio|di sera|da (?:tarde|noite)|'s (?:middags|avonds)|på eftermiddagen|om eftermiddagen|po południu|odpoledne)\b`)
	earlierPattern = regexp.MustCompile(`(?i)^[\s,]*(?:in the )?(?:morning|vormittags?|morgens|früh|du matin|de la mañana|del mattino|di mattina|da manhã|'s (?:morgens|ochtends)|på morgonen|om morgenen|rano|ráno)\b`)
)

// clockFound is a time of day in the text.
type clockFound struct {
	start, end int // bytes, without the cue
	minutes    int // since midnight
	cued       bool
	half       string // "am", "pm"; empty when only the number is known
	sure       bool   // written as a time, whatever stands around it
}

// times gives the times of day that stand beside days of a meeting.
func (c *Classifier) times(r reading, days []spokenDay, label outreach.Label) []OfferedTime {
	if r.automatic() || label != outreach.LabelMeeting && label != outreach.LabelInterested && label != outreach.LabelPrice && label != outreach.LabelAuthority && label != outreach.LabelStatusQuo {
		return nil
	}
	var offered []OfferedTime
	clocks := r.clocks()
	for i := 0; i < len(clocks) && len(offered) < maxTimes; i++ {
		first := clocks[i]
		day := r.dayOf(first, days)
		if day == nil {
			continue
		}
		o := OfferedTime{Day: day.day}
		end, last := first.end, first
		if i+1 < len(clocks) && clocks[i+1].start >= first.end && toPattern.MatchString(r.text.raw[first.end:clocks[i+1].start]) {
			last = clocks[i+1]
			end = last.end
			i++
		} else if !first.sure && !first.cued {
			continue
		}
		if first.half == "" && last.half == "pm" && first.minutes < 12*60 && first.minutes+12*60 < last.minutes {
			first.minutes += 12 * 60 // "2-3pm"
		}
		o.From = first.clock()
		if last != first {
			o.To = last.clock()
		}
		o.Zone, o.ZoneFrom = r.zone(end)
		span := r.span("", first.start, end)
		o.Text, o.Start, o.End = span.Text, span.Start, span.End
		offered = append(offered, o)
	}
	return offered
}

func (f clockFound) clock() string { return fmt.Sprintf("%02d:%02d", f.minutes/60%24, f.minutes%60) }

// clocks finds the times of day of the new text; numbers of days are none.
func (r reading) clocks() []clockFound {
	raw := r.text.raw
	var found []clockFound
	for _, at := range clockPattern.FindAllStringSubmatchIndex(raw, 60) {
		f, ok := r.readClock(at)
		if ok && !r.insideDay(f.start) {
			found = append(found, f)
		}
	}
	for _, at := range noonPattern.FindAllStringIndex(raw, 5) {
		found = append(found, clockFound{start: at[0], end: at[1], minutes: 12 * 60, half: "pm", sure: true})
	}
	slices.SortFunc(found, func(a, b clockFound) int { return a.start - b.start })
	return slices.CompactFunc(found, func(a, b clockFound) bool { return a.start < b.end && b.start < a.end })
}

// readClock reads one match of clockPattern.
func (r reading) readClock(at []int) (clockFound, bool) {
	raw := r.text.raw
	part := func(n int) string {
		if at[2*n] < 0 {
			return ""
		}
		return raw[at[2*n]:at[2*n+1]]
	}
	hour, _ := strconv.Atoi(part(2))
	f := clockFound{start: at[4], end: at[1], minutes: 60 * hour, cued: part(1) != ""}
	if minutes, err := strconv.Atoi(part(4)); err == nil {
		f.minutes += minutes
	}
	word := strings.ToLower(strings.ReplaceAll(part(5), ".", ""))
	f.end = at[4] + len(strings.TrimRight(raw[at[4]:f.end], " \t\n"))
	f.sure = part(3) == ":" || part(3) != "" && strings.EqualFold(part(3), "h") || word != "" || part(3) == "." && f.cued
	if part(3) == "." && !f.sure || hour > 12 && (word == "am" || word == "pm") || r.counted(f) {
		return f, false
	}
	f.chooseHalf(word, raw[f.end:], hour)
	return f, true
}

// chooseHalf puts an hour into the half of the day that is meant: said, or the
// half in which people meet.
func (f *clockFound) chooseHalf(word, behind string, hour int) {
	switch {
	case word == "am" || word == "pm":
		f.half = word
	case laterPattern.MatchString(behind):
		f.half = "pm"
	case earlierPattern.MatchString(behind):
		f.half = "am"
	}
	switch {
	case f.half == "pm" && hour < 12, f.half == "" && hour >= 1 && hour < 7:
		f.minutes += 12 * 60
	case f.half == "am" && hour == 12:
		f.minutes -= 12 * 60
	}
	if f.minutes >= 12*60 && f.half == "" {
		f.half = "pm"
	}
}

// counted tells a number that counts something or belongs to a longer one.
func (r reading) counted(f clockFound) bool {
	raw := r.text.raw
	if f.start > 0 && strings.ContainsRune("0123456789.,:/+-€$£#", rune(raw[f.start-1])) && !(raw[f.start-1] == '-' && f.start > 1 && raw[f.start-2] >= '0' && raw[f.start-2] <= '9' && f.sure) {
		return true
	}
	rest := raw[f.end:]
	if rest == "" {
		return false
	}
	if strings.ContainsRune("/%€$£", rune(rest[0])) || len(rest) > 1 && strings.ContainsRune(".,:", rune(rest[0])) && rest[1] >= '0' && rest[1] <= '9' {
		return true
	}
	return !f.sure && countedNoun.MatchString(rest)
}

// countedNoun: what is counted, not a time of day.
var countedNoun = regexp.MustCompile(`(?i)^\s*(?:st|nd|rd|th|%|k\b|people|users|seats|min\b|minutes?|mins|hours?|days?|weeks?|months?|years?|tage?n?|wochen?|monaten?|jahren?|minuten|stunden|leute|jours?|semaines?|mois|ans|personnes|días?|semanas?|meses|años|giorni|settimane|mesi|anni|persone|dias|dagen|weken|maanden|jaar|percent|prozent|pour cent|of us|\.\s?\d|(?:january|february|march|april|may|june|july|august|september|october|november|december|januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|de (?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro))\b)`)

// insideDay tells whether a byte belongs to a day expression, as the 12 of
// "12 May" does.
func (r reading) insideDay(at int) bool {
	for _, f := range r.found {
		if at >= r.text.tokens[f.start].start && at < r.text.tokens[f.end-1].end {
			return true
		}
	}
	return false
}

// dayOf gives the day that a time belongs to: the nearest one of its sentence,
// else the last before it, one sentence back at most.
func (r reading) dayOf(f clockFound, days []spokenDay) *spokenDay {
	sentence := r.sentenceAt(f.start)
	var best *spokenDay
	near := 1 << 30
	for i := range days {
		d := &days[i]
		if d.role != RoleMeeting {
			continue
		}
		from, to := r.text.tokens[d.start].start, r.text.tokens[d.end-1].end
		gap := max(from-f.end, f.start-to)
		switch own := r.text.tokens[d.start].sentence; {
		case own == sentence && from > f.end:
			gap += 10 // "Tuesday at 2 or Wednesday": the day said before
		case own == sentence:
		case own == sentence-1:
			gap += 1000
		default:
			continue
		}
		if gap < near {
			best, near = d, gap
		}
	}
	return best
}

func (r reading) sentenceAt(at int) int {
	for _, token := range r.text.tokens {
		if token.end > at {
			return token.sentence
		}
	}
	return r.text.sentences
}

// zone reads the zone behind a time, else takes that of the mail's Date.
func (r reading) zone(end int) (string, ZoneSource) {
	behind := r.text.raw[end:]
	if at := zonePattern.FindStringSubmatch(behind); at != nil {
		return strings.TrimSuffix(at[1], " time"), ZoneNamed
	}
	if yourTime.MatchString(behind) {
		return "", ZoneRecipient
	}
	return r.in.ReceivedAt.Format("-07:00"), ZoneSender
}
