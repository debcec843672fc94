package classify_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/classify"
)

// offered writes times as "day from-to zone".
func offered(times []classify.OfferedTime) string {
	var all []string
	for _, o := range times {
		text := o.Day.String()[5:] + " " + o.From
		if o.To != "" {
			text += "-" + o.To
		}
		if o.ZoneFrom == classify.ZoneNamed {
			text += " " + o.Zone
		}
		if o.ZoneFrom == classify.ZoneRecipient {
			text += " yours"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// The replies came on Wednesday 30 April 2025.
func TestTimesOfferedAreReadWithTheirDayAndZone(t *testing.T) {
	for text, want := range map[string]string{
		"Happy to talk, let's meet Tue 2pm ET.":                             "05-06 14:00 ET",
		"Sure, call me Thursday at 14:30.":                                  "05-01 14:30",
		"Let's talk between 3 and 5 on Friday.":                             "05-02 15:00-17:00",
		"Let's have a call on Tuesday, 10am or Wednesday at 4pm PST?":       "05-06 10:00, 05-07 16:00 PST",
		"Yes, let's have a call. Monday 9-10am works for me.":               "05-05 09:00-10:00",
		"Let's schedule a call for 6 May at noon CET.":                      "05-06 12:00 CET",
		"Let's have a call: Monday noon, or Tuesday 10am, or Friday noon?":  "05-05 12:00, 05-06 10:00, 05-02 12:00",
		"Happy to have a call on Friday at 11 your time.":                   "05-02 11:00 yours",
		"Gern, rufen Sie mich am Donnerstag um 14 Uhr an.":                  "05-01 14:00",
		"Lassen Sie uns telefonieren: Montag zwischen 9 und 11 Uhr?":        "05-05 09:00-11:00",
		"Termin passt: Dienstag, 6. Mai, 10.30 Uhr MESZ.":                   "05-06 10:30 MESZ",
		"Parlons-en, appelez-moi jeudi à 10h30.":                            "05-01 10:30",
		"Un rendez-vous 10h30 jeudi me convient.":                           "05-01 10:30",
		"Podemos hablar el martes a las 4 de la tarde.":                     "05-06 16:00",
		"Llámame el viernes entre las 9 y las 11.":                          "05-02 09:00-11:00",
		"Sentiamoci martedì alle 15, mi chiami pure.":                       "05-06 15:00",
		"Podemos marcar uma reunião quinta às 10h?":                         "05-01 10:00",
		"Bel me dinsdag om 11 uur voor een afspraak.":                       "05-06 11:00",
		"Ring mig gärna på tisdag kl 13.":                                   "05-06 13:00",
		"Proszę o spotkanie we wtorek o 12:15.":                             "05-06 12:15",
		"Let's have a call on May 12th. There are 14 of us, budget is 20k.": "",
		"Let's have a call in May, our number is +49 30 555 0100.":          "",
		"Let's meet Thursday for 30 minutes.":                               "",
	} {
		got := classify.Classify(human(text))
		if diff := cmp.Diff(want, offered(got.Times)); diff != "" {
			t.Errorf("%q, read as %s (%.2f) with days %+v (-want +got):\n%s", text, got.Label, got.Confidence, got.Days, diff)
		}
	}
}

func TestWhereNoZoneIsNamedTheSendersOwnCounts(t *testing.T) {
	got := classify.Classify(human("Let's talk on Tuesday at 2pm.")).Times
	if len(got) != 1 || got[0].Zone != "+00:00" || got[0].ZoneFrom != classify.ZoneSender {
		t.Errorf("times %+v, want one in the zone of the mail's Date", got)
	}
}

func TestEverySpanIsWhereTheWordsStand(t *testing.T) {
	for _, text := range []string{
		"Grüße — wir nutzen Acmeflow. Unser Vertrag läuft bis 31.3.2026, melden Sie sich im Mai wieder.",
		"Not my area, sorry. Talk to our buyer Ana Ruiz, ana.ruiz@acme.example, +44 20 7946 0991.",
		"Let's meet “properly”: Tuesday at 2pm ET or Friday 9-10am.",
		"Thanks. We had a budget of €20,000 for this and it is spent, ask again in September.",
		"Ich bin bis 14. Mai im Urlaub – danach wieder erreichbar.",
	} {
		got := classify.Classify(human(text))
		runes := []rune(text)
		check := func(what, words string, start, end int) {
			if start < 0 || end > len(runes) || string(runes[start:end]) != words {
				t.Errorf("%q: %s %q is not at %d-%d", text, what, words, start, end)
			}
		}
		for _, s := range got.Spans {
			check(string(s.Field), s.Text, s.Start, s.End)
		}
		for _, d := range got.Days {
			check("day", d.Text, d.Start, d.End)
		}
		for _, o := range got.Times {
			check("time", o.Text, o.Start, o.End)
		}
		if len(got.Spans)+len(got.Times) == 0 {
			t.Errorf("%q: no field has a span: %+v", text, got)
		}
	}
}
