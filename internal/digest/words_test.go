package digest_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/digest"
	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
	"drumbeat/templates"
)

var update = flag.Bool("update", false, "write the golden files")

// tuesday is 08:00 in Berlin.
var tuesday = time.Date(2031, 3, 4, 7, 0, 0, 0, time.UTC)

func dana(t *testing.T) digest.Rep {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return digest.Rep{ID: "dana", Name: "Dana Reyes", Email: "dana@ours.example", Zone: berlin, At: 8 * 60, Days: schedule.Workdays}
}

func words(t *testing.T) *digest.Words {
	t.Helper()
	w, err := digest.LoadWords(templates.FS)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func fullDay() outreach.DigestItems {
	return outreach.DigestItems{
		Answer: []outreach.DigestReply{{
			MessageID: 1, LeadID: 11, LeadName: "Maja Sjöberg", LeadEmail: "maja@vesper.example", Title: "COO", Company: "Vespermetrics",
			Label: outreach.LabelMeeting, Confidence: 0.98, Words: "Tuesday at 3 works for me.\nShall I send a link?", ReceivedAt: tuesday.Add(-18 * time.Hour),
			Next: "Answer with a time: the lead waits.",
		}},
		Objections: []outreach.DigestReply{{
			MessageID: 2, LeadID: 12, LeadName: "Reto Rochat", LeadEmail: "reto@aurora.example", Company: "Aurorabase", Label: outreach.LabelPrice,
			Confidence: 0.91, Words: "Way over our budget, sorry. <script>alert(1)</script>", ReceivedAt: tuesday.Add(-70 * time.Hour),
			Draft: &outreach.Draft{Playbook: "objections/price.md", Subject: "Re: a question", Body: "Hi Reto,\n\ncompared with what?\n\nDana"},
		}},
		Triage: []outreach.DigestReply{{
			MessageID: 3, LeadID: 13, LeadName: "Ana Ruiz", LeadEmail: "ana@copper.example", Label: outreach.LabelUnclear, Abstained: true,
			Confidence: 0.4, Words: "hm?", ReceivedAt: tuesday.Add(-20 * time.Minute), Next: "Is this interested or brush_off?",
		}},
		Candidates: []outreach.DigestLine{{ID: 1, LeadID: 14, LeadName: "Naomi Okoye", Company: "Kestrel", Text: "referral: Hugo Martin, hugo@kestrel.example"}},
		Tasks:      []outreach.DigestLine{{ID: 2, LeadID: 15, LeadName: "Grace Stanton", Company: "Copper Digital", Text: "Connect with Grace", Day: outreach.NewDay(2031, 3, 4)}},
		Back:       []outreach.DigestLine{{ID: 3, LeadID: 16, LeadName: "Zara Mackenzie", Text: "Asked to be written to again in March.", Day: outreach.NewDay(2031, 3, 4)}},
		Health:     []string{"Mailbox dana-2 is paused: 535 authentication failed"},
	}
}

func TestADigestReadsAsItShould(t *testing.T) {
	content, err := words(t).Digest(dana(t), outreach.NewDay(2031, 3, 4), tuesday, fullDay(), "http://127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "digest.txt", "Subject: "+content.Subject+"\n\n"+content.Text)
	golden(t, "digest.html", content.HTML)
}

func TestAnAlertReadsAsItShould(t *testing.T) {
	content, err := words(t).Alert(dana(t), tuesday, fullDay().Answer[0], "http://127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "alert.txt", "Subject: "+content.Subject+"\n\n"+content.Text)
}

func TestWhatALeadWroteNeverBecomesMarkup(t *testing.T) {
	content, err := words(t).Digest(dana(t), outreach.NewDay(2031, 3, 4), tuesday, fullDay(), "")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(content.HTML, "<script>") {
		t.Error("a lead's script stands in the digest")
	}
}

func TestALongSectionSaysHowManyMore(t *testing.T) {
	items := outreach.DigestItems{}
	for range 14 {
		items.Answer = append(items.Answer, fullDay().Answer[0])
	}
	content, err := words(t).Digest(dana(t), outreach.NewDay(2031, 3, 4), tuesday, items, "")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(content.Text, "Maja Sjöberg"); n != 10 || !strings.Contains(content.Text, "and 4 more") {
		t.Errorf("%d shown:\n%s", n, content.Text)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}
