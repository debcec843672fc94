package schedule

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Gap is the pause between two mails of one mailbox: a length from Min to Max.
type Gap struct{ Min, Max time.Duration }

// DefaultGap is 4 to 11 minutes.
func DefaultGap() Gap { return Gap{Min: 4 * time.Minute, Max: 11 * time.Minute} }

// Pick gives a length in whole seconds that depends on the key alone: lead, step
// and revision. So a simulation, a retry and the real run wait the same time.
func (g Gap) Pick(key string) time.Duration {
	span := int64((g.Max - g.Min) / time.Second)
	if span <= 0 {
		return g.Min
	}
	sum := sha256.Sum256([]byte(key))
	return g.Min + time.Duration(binary.BigEndian.Uint64(sum[:8])%uint64(span+1))*time.Second
}

// String writes the gap as ParseGap reads it.
func (g Gap) String() string {
	if g.Min == g.Max {
		return span(g.Min)
	}
	return span(g.Min) + "-" + span(g.Max)
}

var gapPart = regexp.MustCompile(`^(\d{1,5})(s|m|h)$`)

// ParseGap reads "4m-11m", "90s-5m" and "5m".
func ParseGap(text string) (Gap, error) {
	low, high, isRange := strings.Cut(text, "-")
	shortest, err := parseSpan(low)
	if err != nil {
		return Gap{}, err
	}
	longest := shortest
	if isRange {
		if longest, err = parseSpan(high); err != nil {
			return Gap{}, err
		}
	}
	if longest < shortest {
		return Gap{}, fmt.Errorf("%q begins with the longer pause", text)
	}
	if longest > 24*time.Hour {
		return Gap{}, errors.New("a gap is at most a day")
	}
	return Gap{Min: shortest, Max: longest}, nil
}

func parseSpan(text string) (time.Duration, error) {
	match := gapPart.FindStringSubmatch(strings.TrimSpace(text))
	if match == nil {
		return 0, fmt.Errorf("%q is not a pause like 4m or 90s", strings.TrimSpace(text))
	}
	n, err := strconv.Atoi(match[1])
	if err != nil {
		return 0, fmt.Errorf("%q is not a pause like 4m or 90s", text)
	}
	unit := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[match[2]]
	return time.Duration(n) * unit, nil
}

func span(d time.Duration) string {
	switch {
	case d%time.Hour == 0 && d > 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	default:
		return fmt.Sprintf("%ds", d/time.Second)
	}
}
