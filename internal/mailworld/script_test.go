package mailworld_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/clock"
	"drumbeat/internal/mailbox"
	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
)

var update = flag.Bool("update", false, "write the golden files")

const words = "Hallo {{rep}},\n\ndas ist uns zu teuer. Am {{return_weekday}}, {{return_date}}, vielleicht.\n{{colleague}} <{{colleague_email}}>\n\n{{first_name}}"

// reactions are one of each kind; the names are those of their golden files.
func reactions() map[string]mailworld.Reaction {
	return map[string]mailworld.Reaction{
		"gmail-en":    {Kind: mailworld.Human, Text: "Not now, {{rep}}.", Style: mailworld.Gmail},
		"gmail-de":    {Kind: mailworld.Human, Text: words, Style: mailworld.Gmail, Language: "de", Return: 40 * 24 * time.Hour},
		"outlook-fr":  {Kind: mailworld.Human, Text: "Trop cher.", Style: mailworld.Outlook, Language: "fr"},
		"outlook-de":  {Kind: mailworld.Human, Text: "Zu teuer.", Style: mailworld.Outlook, Language: "de", NoThread: true},
		"apple-it":    {Kind: mailworld.Human, Text: "È troppo caro.", Style: mailworld.Apple, Language: "it", HTMLOnly: true},
		"apple-nl":    {Kind: mailworld.Human, Text: "Te duur.", Style: mailworld.Apple, Language: "nl"},
		"plain-es":    {Kind: mailworld.Human, Text: "Muy caro.", Style: mailworld.NoQuote, Language: "es", From: "al@lead.example", FromName: "Al B"},
		"absence-fr":  {Kind: mailworld.OutOfOffice, Text: "De retour le {{return_date}}.", Language: "fr", Return: 6 * 24 * time.Hour},
		"auto-en":     {Kind: mailworld.AutoReply, Text: "Your request has the number {{ticket}}."},
		"bounce-hard": {Kind: mailworld.HardBounce}, "bounce-soft": {Kind: mailworld.SoftBounce}, "bounce-block": {Kind: mailworld.BlockBounce},
		"complaint": {Kind: mailworld.Complaint},
		"mailto":    {Kind: mailworld.MailtoUnsub},
	}
}

// received reads all of a folder as the product would.
func received(t *testing.T, w *mailworld.World, folder string) []string {
	t.Helper()
	s, err := mailbox.Dial(t.Context(), mailbox.Account{
		Host: "127.0.0.1", Port: w.IMAPAddr().Port, User: "dana@ours.example", TLS: mailbox.TLSNone,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Select(t.Context(), folder); err != nil {
		t.Fatal(err)
	}
	headers, err := s.Headers(t.Context(), 0, time.Time{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, h := range headers {
		raw, err := s.Body(t.Context(), h.UID, 0)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, "INTERNALDATE "+h.InternalDate.Format(time.RFC3339)+"\r\n"+string(raw))
	}
	return out
}

func TestReactionsReadAsRealMail(t *testing.T) {
	for name, reaction := range reactions() {
		t.Run(name, func(t *testing.T) {
			reaction.To, reaction.After = 1, 90*time.Minute
			w, sales := world(t, mailworld.Options{
				Script: mailworld.Script{"jo@lead.example": {Name: "Jo Groß", Reactions: []mailworld.Reaction{reaction}}},
			})
			conn := open(t, account(w))
			send(t, conn, mailTo("Jo@Lead.example", "1", start))
			conn.Quit() // its answer comes when the mail before is over
			at, due := w.NextEvent()
			if !due || !at.Equal(start.Add(90*time.Minute)) {
				t.Fatalf("NextEvent = %v, %v", at, due)
			}
			sales.StepTo(at)
			if w.Quiet() {
				t.Error("Quiet() though a reaction is due")
			}
			if err := w.Advance(t.Context(), at); err != nil {
				t.Fatal(err)
			}
			if !w.Quiet() {
				t.Error("not Quiet() after Advance")
			}
			got := strings.Join(received(t, w, "INBOX"), "\n")
			if _, raw, _ := strings.Cut(got, "\r\n"); !parses(raw) {
				t.Errorf("not a mail:\n%s", got)
			}
			if year := strconv.Itoa(clock.Machine{}.Now().Year()); strings.Contains(got, year) {
				t.Errorf("the machine's year %s shows:\n%s", year, got)
			}
			compare(t, name+".eml", got)
		})
	}
}

func parses(raw string) bool {
	message, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		return false
	}
	_, err = message.Header.Date()
	return err == nil && message.Header.Get("Message-Id") != ""
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestALeadReactsToTheMailThatTheScriptNames(t *testing.T) {
	w, _ := world(t, mailworld.Options{Script: mailworld.Script{"jo@lead.example": {Name: "Jo", Reactions: []mailworld.Reaction{
		{To: 2, After: time.Hour, Kind: mailworld.Human, Text: "second", Style: mailworld.NoQuote, ToJunk: true},
	}}}})
	conn := open(t, account(w))
	send(t, conn, mailTo("jo@lead.example", "1", start))
	if at, due := w.NextEvent(); due {
		t.Fatalf("a reaction to the first mail at %v", at)
	}
	send(t, conn, mailTo("jo@lead.example", "2", start))
	if err := w.Advance(t.Context(), start.Add(59*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if next := w.UIDNext("dana@ours.example", "Junk"); next != 1 {
		t.Errorf("UIDNext = %d before its time", next)
	}
	if err := w.Advance(t.Context(), start.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := received(t, w, "Junk"); len(got) != 1 || !strings.Contains(got[0], "In-Reply-To: <2.ab12@ours.example>") {
		t.Errorf("Junk = %q", got)
	}
}

func TestPeopleRestOnWeekendsAndMachinesDoNot(t *testing.T) {
	friday := time.Date(2031, 3, 7, 16, 0, 0, 0, time.UTC)
	for kind, want := range map[mailworld.Kind]time.Time{
		mailworld.Human: friday.AddDate(0, 0, 3), mailworld.OutOfOffice: friday.AddDate(0, 0, 1),
	} {
		w, sales := world(t, mailworld.Options{Script: mailworld.Script{"jo@lead.example": {Name: "Jo", Reactions: []mailworld.Reaction{
			{To: 1, After: 24 * time.Hour, Kind: kind, Text: "x"},
		}}}})
		sales.StepTo(friday)
		send(t, open(t, account(w)), mailTo("jo@lead.example", "1", friday))
		if at, due := w.NextEvent(); !due || !at.Equal(want) {
			t.Errorf("%s at %v, want %v", kind, at, want)
		}
	}
}

func TestReactionsComeInTheOrderOfTheirTimes(t *testing.T) {
	script := mailworld.Script{}
	for i, minutes := range []int{30, 10, 20} {
		script[fmt.Sprintf("l%d@lead.example", i)] = mailworld.ScriptedLead{Name: "L", Reactions: []mailworld.Reaction{
			{To: 1, After: time.Duration(minutes) * time.Minute, Kind: mailworld.Human, Text: "x", Style: mailworld.NoQuote},
		}}
	}
	w, _ := world(t, mailworld.Options{Script: script})
	conn := open(t, account(w))
	for i := range 3 {
		send(t, conn, mailTo(fmt.Sprintf("l%d@lead.example", i), strconv.Itoa(i), start))
	}
	if err := w.Advance(t.Context(), start.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, raw := range received(t, w, "INBOX") {
		date, _, _ := strings.Cut(raw, "\r\n")
		got = append(got, date)
	}
	want := []string{"INTERNALDATE 2031-03-03T09:10:00Z", "INTERNALDATE 2031-03-03T09:20:00Z", "INTERNALDATE 2031-03-03T09:30:00Z"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("arrivals (-want +got):\n%s", diff)
	}
}

func TestOneClickPostsToTheURLOfTheMail(t *testing.T) {
	var posted []string
	failure := errors.New("the pages are down")
	w, _ := world(t, mailworld.Options{
		Script: mailworld.Script{"jo@lead.example": {Name: "Jo", Reactions: []mailworld.Reaction{{To: 1, Kind: mailworld.OneClick}, {To: 2, Kind: mailworld.OneClick}}}},
		Post: func(_ context.Context, url string) error {
			posted = append(posted, url)
			if len(posted) > 1 {
				return failure
			}
			return nil
		},
	})
	conn := open(t, account(w))
	for _, number := range []string{"1", "2"} {
		send(t, conn, mailTo("jo@lead.example", number, start))
	}
	if err := w.Advance(t.Context(), start); !errors.Is(err, failure) {
		t.Errorf("Advance = %v, want the hook's error", err)
	}
	if diff := cmp.Diff([]string{"https://u.ours.example/u/1", "https://u.ours.example/u/2"}, posted); diff != "" {
		t.Errorf("posts (-want +got):\n%s", diff)
	}
}

func TestARefusedLeadNeverGetsAMail(t *testing.T) {
	w, _ := world(t, mailworld.Options{
		Script: mailworld.Script{"jo@lead.example": {Reactions: []mailworld.Reaction{{To: 1, Kind: mailworld.RefuseAtSMTP}}}},
	})
	got := send(t, open(t, account(w)), mailTo("jo@lead.example", "1", start))
	if got.Delivery != outreach.DeliveryRefused || got.Enhanced != "5.1.1" || len(w.Accepted()) != 0 {
		t.Errorf("result = %+v, %d accepted", got, len(w.Accepted()))
	}
}

func TestAMailToARepLandsInTheirInbox(t *testing.T) {
	w, sales := world(t, mailworld.Options{})
	sales.StepTo(start.Add(23 * time.Hour))
	m := mailTo("dana@ours.example", "digest", start)
	send(t, open(t, account(w)), m)
	got := received(t, w, "INBOX")
	if len(got) != 1 || !strings.HasPrefix(got[0], "INTERNALDATE 2031-03-04T08:00:00Z\r\n") {
		t.Errorf("INBOX = %q", got)
	}
	if next := w.UIDNext("dana@ours.example", "INBOX"); next != 2 {
		t.Errorf("UIDNext = %d, want 2", next)
	}
	if err := w.DeliverTo("nobody@ours.example", "INBOX", nil, start); !errors.Is(err, outreach.ErrNotFound) {
		t.Errorf("DeliverTo nobody = %v, want ErrNotFound", err)
	}
}

func TestTheRepliesCoverEveryLabelInSeveralLanguages(t *testing.T) {
	replies, err := mailworld.Replies()
	if err != nil {
		t.Fatal(err)
	}
	if len(replies) < 60 {
		t.Errorf("%d replies, want at least 60", len(replies))
	}
	languages := map[outreach.Label]map[string]bool{}
	seen := map[string]bool{}
	for _, reply := range replies {
		if !slices.Contains(outreach.WordLabels(), reply.Label) || seen[reply.Text] || reply.Text == "" {
			t.Errorf("a reply with label %q is wrong or there twice: %q", reply.Label, reply.Text)
		}
		seen[reply.Text] = true
		if strings.Contains(reply.Text, "{{return_") != (reply.Days > 0) {
			t.Errorf("days and the text disagree: %q", reply.Text)
		}
		if languages[reply.Label] == nil {
			languages[reply.Label] = map[string]bool{}
		}
		languages[reply.Label][reply.Language] = true
	}
	for _, label := range outreach.WordLabels() {
		if !languages[label]["en"] || len(languages[label]) < 3 {
			t.Errorf("%s is there in %v only", label, languages[label])
		}
	}
}

func leads(n int) []outreach.Lead {
	out := make([]outreach.Lead, n)
	for i := range out {
		out[i] = outreach.Lead{
			Email: fmt.Sprintf("lead%d@firm%d.example", i, i), FirstName: "First", LastName: strconv.Itoa(i),
			Language: []string{"en", "de", "fr", "es", "nl", "it", "pl", ""}[i%8],
		}
	}
	return out
}

func TestScriptForShowsEveryLabelAmongTwoHundredLeads(t *testing.T) {
	for seed := range uint64(5) {
		script, err := mailworld.ScriptFor(leads(200), seed)
		if err != nil {
			t.Fatal(err)
		}
		counts := map[outreach.Label]int{}
		for _, lead := range script {
			for _, reaction := range lead.Reactions {
				counts[reaction.Label]++
				if reaction.Label == outreach.LabelLeftCompany && reaction.Kind == mailworld.Human && reaction.From == "" {
					t.Errorf("seed %d: who has left writes about it", seed)
				}
			}
		}
		for _, label := range outreach.AllLabels() {
			least := 1
			if label.Objection() {
				least = 5
			}
			if counts[label] < least {
				t.Errorf("seed %d: %s %d times, want at least %d", seed, label, counts[label], least)
			}
		}
		if len(script) > 120 {
			t.Errorf("seed %d: %d of 200 leads react: too many to be real", seed, len(script))
		}
	}
}

func TestScriptForDependsOnLeadsAndSeedAlone(t *testing.T) {
	forwards := leads(60)
	backwards := slices.Clone(forwards)
	slices.Reverse(backwards)
	one, err := mailworld.ScriptFor(forwards, 7)
	if err != nil {
		t.Fatal(err)
	}
	two, err := mailworld.ScriptFor(backwards, 7)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("another order, another script:\n%s", diff)
	}
	other, err := mailworld.ScriptFor(forwards, 8)
	if err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(one, other) {
		t.Error("another seed, the same script")
	}
}

// TestEveryScriptedReactionCanBeCarriedOut sends two mails to each of 200 leads
// and lets all of them react.
func TestEveryScriptedReactionCanBeCarriedOut(t *testing.T) {
	cast := leads(200)
	script, err := mailworld.ScriptFor(cast, 1)
	if err != nil {
		t.Fatal(err)
	}
	posts := 0
	w, sales := world(t, mailworld.Options{Script: script, Post: func(context.Context, string) error { posts++; return nil }})
	conn := open(t, account(w))
	for round := range 2 {
		for i, lead := range cast {
			send(t, conn, mailTo(lead.Email, fmt.Sprintf("%d-%d", round, i), sales.Now()))
		}
		for at, due := w.NextEvent(); due; at, due = w.NextEvent() {
			sales.StepTo(at)
			if err := w.Advance(t.Context(), at); err != nil {
				t.Fatal(err)
			}
		}
	}
	mails := append(received(t, w, "INBOX"), received(t, w, "Junk")...)
	want := 0
	for _, part := range script {
		for _, reaction := range part.Reactions {
			if reaction.Kind != mailworld.RefuseAtSMTP {
				want++
			}
		}
	}
	if got := len(mails) + posts; got != want {
		t.Errorf("%d reactions, want %d", got, want)
	}
	machine := []byte(strconv.Itoa(clock.Machine{}.Now().Year()))
	for _, raw := range mails {
		if strings.Contains(raw, "{{") || bytes.Contains([]byte(raw), machine) {
			t.Errorf("a placeholder or the machine's year:\n%s", raw)
		}
	}
}
