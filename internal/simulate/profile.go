package simulate

import (
	_ "embed"
	"fmt"
	"hash/fnv"
	"regexp"
	"strconv"
	"strings"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
	"drumbeat/internal/strictyaml"
)

// Profile says how leads answer: how many with which label, and how soon.
type Profile struct {
	Name    string
	Seed    uint64 // other draws from the same rates
	Replies []Answers
}

// Answers is how one label comes in.
type Answers struct {
	Label outreach.Label
	Rate  float64       // share of the leads who are written to, 0 to 1
	Mail  []int         // weights: which mail is answered, from the first
	After schedule.Gap  // from that mail to the answer
	Away  *schedule.Gap // of an absence, or until the lead wants to be asked again; nil: not said
}

// Part is what one lead will do. The zero Part is silence.
type Part struct {
	Label    outreach.Label
	Mail     int // which mail it answers, from 1
	After    time.Duration
	AwayDays int // from the day of the answer; 0: it names no day
}

// Silent is the profile under which nobody answers: the longest that the sequence
// can take.
func Silent() Profile { return Profile{Name: "silent"} }

//go:embed profile.yaml
var shippedProfile []byte

// ShippedProfile is the file that holds when no other is named.
func ShippedProfile() []byte { return shippedProfile }

// The codes of faults in a profile, beside those of package strictyaml.
const (
	codeBadShare    = "BAD_RATE"
	codeBadRange    = "BAD_RANGE"
	codeTooMany     = "RATES_OVER_100"
	codeUnusedAway  = "AWAY_NOT_USED"
	percentOfLeads  = "1.5%"
	rangeOfDuration = "20m-2d"
)

func profileSchema() *strictyaml.Type {
	var labels []string
	for _, label := range outreach.AllLabels() {
		labels = append(labels, string(label))
	}
	return strictyaml.Map("How leads answer in a simulation.",
		strictyaml.Required("version", strictyaml.Int("The version of the file format.", 1, 1)),
		strictyaml.Optional("name", strictyaml.Text("What reports call the profile.")),
		strictyaml.Optional("seed", strictyaml.Int("Other numbers draw other leads from the same rates.", 0, 1<<31-1)),
		strictyaml.Optional("replies", strictyaml.Entries("The answers, by their label.", strictyaml.Map("How often and how soon.",
			strictyaml.Required("rate", strictyaml.Scalar("How many of the leads.", codeBadShare, percentOfLeads, parsePercent)),
			strictyaml.Optional("mail", strictyaml.List("Which mail they answer: shares by mail.", strictyaml.Int("A share.", 0, 100))),
			strictyaml.Required("after", strictyaml.Scalar("From the mail to the answer.", codeBadRange, rangeOfDuration, parseRange)),
			strictyaml.Optional("away", strictyaml.Scalar("How long an absence lasts, or when to ask again.", codeBadRange, "2d-14d", parseRange)),
		), labels...)),
	)
}

// ParseProfile reads a profile. It is only good when no diagnostic is an error.
func ParseProfile(file string, src []byte) (Profile, []strictyaml.Diagnostic) {
	doc := strictyaml.Parse(file, src, profileSchema())
	p := Profile{Name: doc.Root.Get("name").TextOr(file), Seed: uint64(doc.Root.Get("seed").IntOr(1))}
	replies, total := doc.Root.Get("replies"), 0.0
	for _, label := range outreach.AllLabels() { // in their order: what the file says first must not matter
		given := replies.Get(string(label))
		if !given.Present() {
			continue
		}
		a := Answers{
			Label: label, Rate: strictyaml.Read[float64](given.Get("rate")), After: strictyaml.Read[schedule.Gap](given.Get("after")),
		}
		for _, share := range given.Get("mail").Items() {
			a.Mail = append(a.Mail, share.Int())
		}
		if away := given.Get("away"); away.Present() {
			if label != outreach.LabelOutOfOffice && label != outreach.LabelBrushOff {
				doc.Report(away, codeUnusedAway, "leave it out", "%s is neither an absence nor put off to a day", label)
			}
			gap := strictyaml.Read[schedule.Gap](away)
			a.Away = &gap
		}
		p.Replies, total = append(p.Replies, a), total+a.Rate
	}
	if total > 1 {
		doc.Report(replies, codeTooMany, "lower the rates; the rest of the leads is silent", "the rates come to %.1f %%", 100*total)
	}
	return p, doc.Diagnostics()
}

func parsePercent(text string) (float64, error) {
	number, found := strings.CutSuffix(strings.TrimSpace(text), "%")
	value, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if !found || err != nil || !(value >= 0 && value <= 100) {
		return 0, fmt.Errorf("%q is not a share from 0%% to 100%%", text)
	}
	return value / 100, nil
}

var rangePart = regexp.MustCompile(`^(\d{1,4})\s*(s|m|h|d)$`)

// parseRange reads "20m-2d" and "1h".
func parseRange(text string) (schedule.Gap, error) {
	low, high, isRange := strings.Cut(text, "-")
	if !isRange {
		high = low
	}
	var g schedule.Gap
	for _, end := range []struct {
		text string
		to   *time.Duration
	}{{low, &g.Min}, {high, &g.Max}} {
		match := rangePart.FindStringSubmatch(strings.TrimSpace(end.text))
		if match == nil {
			return g, fmt.Errorf("%q is not a length like 20m, 2h or 3d, or from one to another", text)
		}
		n, err := strconv.Atoi(match[1])
		if err != nil {
			return g, err
		}
		*end.to = time.Duration(n) * map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[match[2]]
	}
	if g.Max < g.Min {
		return g, fmt.Errorf("%q begins with the longer", text)
	}
	return g, nil
}

// Part draws what a lead will do.
func (p Profile) Part(l outreach.Lead) Part {
	draw := func(what string) float64 { return p.draw(l.Email, what) }
	x := draw("label")
	for _, a := range p.Replies {
		if x -= a.Rate; x >= 0 {
			continue
		}
		drawn := Part{Label: a.Label, Mail: pick(a.Mail, draw("mail")), After: between(a.After, draw("after"))}
		if a.Away != nil {
			drawn.AwayDays = int(between(*a.Away, draw("away")) / (24 * time.Hour))
		}
		return drawn
	}
	return Part{}
}

// draw is a number from 0 to 1 that hangs on the seed, the address and what it is
// drawn for.
func (p Profile) draw(email, what string) float64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d\x00%s\x00%s", p.Seed, outreach.AddressKey(email), what)
	x := h.Sum64()
	// The last bytes hardly reach FNV's upper bits: mix once more (the finaliser of splitmix64).
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11) / (1 << 53)
}

// pick gives the place of the weight that x falls on, from 1.
func pick(weights []int, x float64) int {
	total := 0
	for _, w := range weights {
		total += w
	}
	left := x * float64(total)
	for i, w := range weights {
		if left -= float64(w); left < 0 {
			return i + 1
		}
	}
	return 1
}

func between(g schedule.Gap, x float64) time.Duration {
	return (g.Min + time.Duration(x*float64(g.Max-g.Min))).Truncate(time.Second)
}

// moment is when the answer to a mail of sent comes. People do not answer on a
// weekend; machines do.
func (p Part) moment(sent time.Time) time.Time {
	at := sent.Add(p.After)
	for kindOf(p.Label) == outreach.KindHuman && (at.Weekday() == time.Saturday || at.Weekday() == time.Sunday) {
		at = at.AddDate(0, 0, 1)
	}
	return at
}
