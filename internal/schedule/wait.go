package schedule

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// MaxWait bounds a single wait: a sequence that sleeps for over a year is a slip
// of the pen.
const MaxWait = 366

// Wait is the time between two steps. Minutes and hours are exact; Days are
// calendar days of the lead, at the same wall-clock time, so that a mail of
// Friday 09:10 plus a week is Friday 09:10 on the other side of a clock change;
// BusinessDays skip what is not a working day. One of the three is set, or none.
type Wait struct {
	Exact        time.Duration
	Days         int
	BusinessDays int
}

var waitPattern = regexp.MustCompile(`^\s*(\d{1,6})\s*(?:(m|min|minutes?)|(h|hours?)|(d|days?)|(w|weeks?)|(business days?))\s*$`)

var errWait = errors.New(`a wait is written like 30m, 4h, 3d, 2w or "3 business days"`)

// ParseWait reads "30m", "4h", "3d", "2w" and "3 business days".
func ParseWait(text string) (Wait, error) {
	match := waitPattern.FindStringSubmatch(text)
	if match == nil {
		return Wait{}, fmt.Errorf("%q is not a wait: %w", text, errWait)
	}
	n, err := strconv.Atoi(match[1])
	if err != nil {
		return Wait{}, fmt.Errorf("%q is not a wait: %w", text, errWait)
	}
	var w Wait
	switch {
	case match[2] != "":
		w.Exact = time.Duration(n) * time.Minute
	case match[3] != "":
		w.Exact = time.Duration(n) * time.Hour
	case match[4] != "":
		w.Days = n
	case match[5] != "":
		w.Days = 7 * n
	default:
		w.BusinessDays = n
	}
	if w.Exact > MaxWait*24*time.Hour || w.Days > MaxWait || w.BusinessDays > MaxWait {
		return Wait{}, fmt.Errorf("%q is longer than a year", text)
	}
	return w, nil
}

// IsZero tells whether there is nothing to wait for.
func (w Wait) IsZero() bool { return w == Wait{} }

// String writes the wait as ParseWait reads it.
func (w Wait) String() string {
	switch {
	case w.BusinessDays == 1:
		return "1 business day"
	case w.BusinessDays > 1:
		return fmt.Sprintf("%d business days", w.BusinessDays)
	case w.Days > 0 && w.Days%7 == 0:
		return fmt.Sprintf("%dw", w.Days/7)
	case w.Days > 0:
		return fmt.Sprintf("%dd", w.Days)
	case w.Exact%time.Hour == 0:
		return fmt.Sprintf("%dh", w.Exact/time.Hour)
	default:
		return fmt.Sprintf("%dm", w.Exact/time.Minute)
	}
}
