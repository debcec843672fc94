package classify

import (
	"testing"

	"drumbeat/internal/outreach"
)

func TestTheAbsenceOfSomebodyElseIsNone(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		text string
		kind outreach.Kind
		want bool
	}{
		{"Karen can you do the late shift sunday, Pawel's off with his back again", outreach.KindHuman, true},
		{"Can you cover Friday? She is out of the office until Monday.", outreach.KindHuman, true},
		{"Tell them that Marta is on vacation until June.", outreach.KindHuman, true},
		{"Pawel's off sick, so I am on leave from his desk until Monday.", outreach.KindHuman, false}, // the writer speaks of themselves
		{"Away until 4 November, walking the coast path.", outreach.KindHuman, false},
		{"On annual leave. Back 14/07.", outreach.KindHuman, false},
		{"Am Montag bin ich wieder im Büro.", outreach.KindHuman, false},
		{"Dr. Mona is out of the office until Monday.", outreach.KindAutomatic, false}, // a machine speaks of its owner so
	}
	for _, test := range cases {
		if got := c.somebodyElses(c.read(Input{Kind: test.kind, Text: test.text})); got != test.want {
			t.Errorf("%q: somebody else's = %v", test.text, got)
		}
	}
}

func TestWhoRetiresAThingHasNotLeft(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"We retired the old freezers.": false, "I retired it last year.": false,
		"I retired in May.": true, "Tom has retired.": true, "She retired from the board.": true,
	} {
		left := false
		for _, h := range c.read(Input{Text: text}).hits {
			left = left || c.lexicon.concepts[h.concept].label == outreach.LabelLeftCompany
		}
		if left != want {
			t.Errorf("%q: somebody has left = %v", text, left)
		}
	}
}
