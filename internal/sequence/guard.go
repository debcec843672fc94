package sequence

import (
	"fmt"
	"regexp"
	"strconv"

	"drumbeat/internal/strictyaml"
)

// Guard pauses the sequence by itself when its mails do harm.
type Guard struct {
	BounceRate    *Rate `json:"bounce_rate,omitempty"`    // hard bounces among mails
	ComplaintRate *Rate `json:"complaint_rate,omitempty"` // complaints among mails
	NegativeRate  *Rate `json:"negative_rate,omitempty"`  // unsubscribes, complaints and plain noes among mails
}

// Rate is a share of the last mails: it is exceeded when more than Percent of the
// last Last mails are of the kind that is counted.
type Rate struct {
	Percent float64 `json:"percent"`
	Last    int     `json:"last"`
}

// Floor is how many mails must have gone before the rate is judged at all: half of
// the sample, at least twenty. Two bounces among the first ten mails are chance.
func (r Rate) Floor() int { return max(20, (r.Last+1)/2) }

// Exceeded judges a count among the last mails. One event alone is never a rate.
func (r Rate) Exceeded(count, mails int) bool {
	return mails >= r.Floor() && count >= 2 && float64(count) > r.Percent/100*float64(mails)
}

// String writes the rate as ParseRate reads it.
func (r Rate) String() string {
	return strconv.FormatFloat(r.Percent, 'f', -1, 64) + "% of last " + strconv.Itoa(r.Last)
}

func guardSchema() *strictyaml.Type {
	rate := func(doc string) *strictyaml.Type {
		return strictyaml.Scalar(doc, CodeBadRate, "3% of last 100", parseRate)
	}
	return strictyaml.Map("When the sequence pauses itself and tells its owner. A rate is judged once half of its mails have gone.",
		strictyaml.Optional("bounce_rate", rate("Mails to addresses that do not exist.")),
		strictyaml.Optional("complaint_rate", rate("Mails that were reported as spam.")),
		strictyaml.Optional("negative_rate", rate("Mails answered by an unsubscribe, a complaint or a plain no.")),
	)
}

func readGuard(v *strictyaml.Value) Guard {
	return Guard{
		BounceRate: readRate(v.Get("bounce_rate")), ComplaintRate: readRate(v.Get("complaint_rate")), NegativeRate: readRate(v.Get("negative_rate")),
	}
}

func readRate(v *strictyaml.Value) *Rate {
	if !v.Present() {
		return nil
	}
	rate := strictyaml.Read[Rate](v)
	return &rate
}

var ratePattern = regexp.MustCompile(`^\s*(\d{1,3}(?:\.\d{1,3})?)\s*%\s+of\s+(?:the\s+)?last\s+(\d{1,6})\s*$`)

func parseRate(text string) (Rate, error) {
	match := ratePattern.FindStringSubmatch(text)
	if match == nil {
		return Rate{}, fmt.Errorf("%q is not a rate", text)
	}
	percent, err := strconv.ParseFloat(match[1], 64)
	if err != nil || percent <= 0 || percent > 100 {
		return Rate{}, fmt.Errorf("%s%% is not a share", match[1])
	}
	last, err := strconv.Atoi(match[2])
	if err != nil || last < 20 || last > 10_000 {
		return Rate{}, fmt.Errorf("a rate is judged over 20 to 10000 mails, not over %s", match[2])
	}
	return Rate{Percent: percent, Last: last}, nil
}
