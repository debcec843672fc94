package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// TimeOfDay is a wall-clock time in minutes from midnight; 1440 is the end of
// the day.
type TimeOfDay int

// EndOfDay is 24:00.
const EndOfDay TimeOfDay = 24 * 60

// String writes "08:30".
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", int(t)/60, int(t)%60) }

// ParseTimeOfDay reads "08:30", "8:30" and "24:00".
func ParseTimeOfDay(text string) (TimeOfDay, error) {
	hourText, minuteText, found := strings.Cut(strings.TrimSpace(text), ":")
	hour, hourErr := strconv.ParseUint(hourText, 10, 8)
	minute, minuteErr := strconv.ParseUint(minuteText, 10, 8)
	t := TimeOfDay(hour*60 + minute)
	if !found || hourErr != nil || minuteErr != nil || len(minuteText) != 2 || minute > 59 || t > EndOfDay {
		return 0, fmt.Errorf("%q is not a time of day like 08:30", text)
	}
	return t, nil
}

// Window is the hours in which mail may go: the days, and from From (included)
// to To (excluded) by the wall clock. From lies before To.
type Window struct {
	Days     Days
	From, To TimeOfDay
}

// DefaultWindow is mon-fri 09:00-17:00.
func DefaultWindow() Window { return Window{Days: Workdays, From: 9 * 60, To: 17 * 60} }

// String writes "mon-fri 09:00-17:00".
func (w Window) String() string { return fmt.Sprintf("%s %s-%s", w.Days, w.From, w.To) }

func (t TimeOfDay) duration() time.Duration { return time.Duration(t) * time.Minute }
