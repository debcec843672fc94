package simulate

import (
	"fmt"
	"html"
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// What a calendar is drawn with, in pixels.
const (
	cellWide, cellHigh = 92, 58
	calendarLeft       = 66 // for the weeks' names
	calendarTop        = 74 // for the heading
)

// SVG draws the days as a calendar: a row a week, the darker the more mails went,
// with what held the day up.
func SVG(r Report) []byte {
	var b strings.Builder
	weeks := r.Weeks()
	width, height := calendarLeft+7*cellWide+16, calendarTop+len(weeks)*cellHigh+34
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" role="img">`,
		width, height, width, height)
	fmt.Fprintf(&b, "\n<title>%s</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n", html.EscapeString("Simulation of "+r.Sequence.Name))
	fmt.Fprintf(&b, `<text x="16" y="28" font-size="17" font-weight="600" fill="#1b2330">%s</text>`+"\n", html.EscapeString(r.Sequence.Name))
	fmt.Fprintf(&b, `<text x="16" y="48" font-size="12" fill="#5b6472">%s</text>`+"\n", html.EscapeString(r.Headline()))
	for i := range 7 {
		fmt.Fprintf(&b, `<text x="%d" y="%d" font-size="11" fill="#5b6472">%s</text>`+"\n", calendarLeft+i*cellWide+4, calendarTop-8, weekdayAt(i).String()[:3])
	}
	most := r.most()
	for row, week := range weeks {
		y := calendarTop + row*cellHigh
		fmt.Fprintf(&b, `<text x="16" y="%d" font-size="11" fill="#5b6472">%s</text>`+"\n", y+22, week.Monday.Time(time.UTC).Format("2 Jan"))
		for column, day := range week.Days {
			if day != nil {
				drawDay(&b, calendarLeft+column*cellWide, y, *day, most)
			}
		}
	}
	fmt.Fprintf(&b, `<text x="16" y="%d" font-size="11" fill="#5b6472">%s</text>`+"\n</svg>\n", height-12,
		html.EscapeString("mails of the day: new + follow-ups; below it, what held more of them up. Days of "+r.Zone+"."))
	return []byte(b.String())
}

func drawDay(b *strings.Builder, x, y int, day Day, most int) {
	fill, ink := shade(day.Sent(), most)
	fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" rx="4" fill="%s"/>`, x, y, cellWide-4, cellHigh-4, fill)
	fmt.Fprintf(b, `<text x="%d" y="%d" font-size="10" fill="%s">%d</text>`, x+6, y+14, ink, day.Date.Dom)
	if day.Sent() > 0 {
		fmt.Fprintf(b, `<text x="%d" y="%d" font-size="15" font-weight="600" fill="%s">%d</text>`, x+26, y+22, ink, day.Sent())
		fmt.Fprintf(b, `<text x="%d" y="%d" font-size="10" fill="%s">%d + %d</text>`, x+6, y+36, ink, day.New, day.FollowUps)
	}
	if day.Binding != BindingNone {
		fmt.Fprintf(b, `<text x="%d" y="%d" font-size="9" fill="%s">%s</text>`, x+6, y+48, ink, html.EscapeString(string(day.Binding)))
	}
	b.WriteByte('\n')
}

// shade is the colour of a day, and one that can be read on it.
func shade(n, most int) (fill, ink string) {
	switch {
	case n == 0:
		return "#f1f3f6", "#5b6472"
	case 3*n <= most:
		return "#d5e6fa", "#1b2330"
	case 3*n <= 2*most:
		return "#86b6ee", "#1b2330"
	}
	return "#1f5fae", "#ffffff"
}

// Week is a row of the calendar. A day that was not simulated is nil.
type Week struct {
	Monday outreach.Day
	Days   [7]*Day
}

// Weeks arranges the days from Monday to Sunday.
func (r Report) Weeks() []Week {
	var weeks []Week
	for i := range r.Days {
		day := &r.Days[i]
		column := (int(day.Date.Weekday()) + 6) % 7
		monday := day.Date.AddDays(-column)
		if len(weeks) == 0 || weeks[len(weeks)-1].Monday != monday {
			weeks = append(weeks, Week{Monday: monday})
		}
		weeks[len(weeks)-1].Days[column] = day
	}
	return weeks
}

func weekdayAt(column int) time.Weekday { return time.Weekday((column + 1) % 7) }

// most is how many mails the fullest day has.
func (r Report) most() int {
	most := 0
	for _, day := range r.Days {
		most = max(most, day.Sent())
	}
	return most
}

// Headline says in a sentence what the simulation came to.
func (r Report) Headline() string {
	text := fmt.Sprintf("%d mails to %d of %d leads from %s on", r.Sent, r.Enrolled, r.Leads, r.Start)
	if r.EndsOn == nil {
		return text + fmt.Sprintf("; not at its end after %d days", len(r.Days))
	}
	return text + "; the last goes on " + r.EndsOn.String()
}
