package reply

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
)

func TestSplitTellsNewWordsFromAllOthers(t *testing.T) {
	ana := outreach.Address{Name: "Ana Ruiz", Email: "ana.ruiz@lead.example"}
	tests := []struct{ name, body, text, quoted, signature, forwarded string }{
		{
			name: "Gmail", body: "Sounds good.\n\nOn Mon, Jun 2, 2025 at 10:00 AM Dana Reyes <\ndana@ours.example> wrote:\n\n> Shall we talk?\n",
			text: "Sounds good.", quoted: "Shall we talk?",
		},
		{
			name: "Outlook", body: "Not for us.\n\nBest regards\nAna\n\n________________________________\nFrom: Dana <dana@ours.example>\nSent: Monday\nTo: Ana\nSubject: A question\n\nShall we talk?",
			text: "Not for us.", quoted: "Shall we talk?", signature: "Best regards\nAna",
		},
		{
			name: "Outlook in German", body: "Kein Bedarf.\n\nVon: Dana Reyes <dana@ours.example>\nGesendet: Montag, 2. Juni 2025 10:00\nAn: Ana Ruiz\nBetreff: Frage\n\nHaben Sie Zeit?",
			text: "Kein Bedarf.", quoted: "Haben Sie Zeit?",
		},
		{
			name: "answers between quoted lines", body: "Hi Dana,\n\n> How many cars?\nabout 60\n\n> Who signs?\nI do\n\nAna",
			text: "Hi Dana,\nabout 60\nI do", quoted: "How many cars?\nWho signs?", signature: "Ana",
		},
		{
			name: "an answer under the quote", body: "Le lun. 2 juin 2025 à 10:00, Dana Reyes <dana@ours.example> a écrit :\n> Quand ?\n\nJeudi.",
			text: "Jeudi.", quoted: "Quand ?",
		},
		{
			name: "a phone", body: "yes\n\nSent from my iPhone\n\n> On 2 Jun 2025, at 10:00, Dana <dana@ours.example> wrote:\n> \n> Call?",
			text: "yes", quoted: "On 2 Jun 2025, at 10:00, Dana <dana@ours.example> wrote:\n\nCall?", signature: "Sent from my iPhone",
		},
		{
			name: "a forwarded mail stands apart", body: "Ana knows more.\n\n---------- Forwarded message ---------\nFrom: Bo <bo@lead.example>\nSubject: x\n\nPlease handle.",
			text: "Ana knows more.", forwarded: "From: Bo <bo@lead.example>\nSubject: x\n\nPlease handle.",
		},
		{
			name: "a disclaimer that speaks of contact", body: "No budget.\n\nAna Ruiz\nCFO\n\nThis e-mail is confidential. If you are not the intended recipient do not contact the sender again.",
			text: "No budget.", signature: "Ana Ruiz\nCFO\n\nThis e-mail is confidential. If you are not the intended recipient do not contact the sender again.",
		},
		{
			name: "a gateway's banner on top", body: "CAUTION: This email originated from outside the organisation.\n\nWho are you?",
			text: "Who are you?",
		},
		{
			name: "prose that begins like an attribution", body: "On Monday I am free.\nOn 2 Jun 2025 Dana <dana@ours.example> wrote:\n> Free?",
			text: "On Monday I am free.", quoted: "Free?",
		},
		{name: "words that begin like a phone's signature", body: "Sent from the wrong account, ignore me\n", text: "Sent from the wrong account, ignore me", signature: "Sent from the wrong account, ignore me"},
		{name: "one word is no signature", body: "Hi Dana,\n\nStop", text: "Hi Dana,\n\nStop"},
		{name: "a closing alone is the answer", body: "Thanks!", text: "Thanks!"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := split(test.body, ana)
			want := pieces{text: test.text, quoted: test.quoted, forwarded: test.forwarded, signature: test.signature, answers: got.answers}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(pieces{})); diff != "" {
				t.Errorf("split (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHTMLIsReadAsAReaderSeesIt(t *testing.T) {
	cases := map[string]string{
		`<p>Write &lt;b&gt;, and &amp;lt;i&amp;gt; for it.</p>`:  "Write <b>, and &lt;i&gt; for it.\n\n",
		`<p>Ask <a href="mailto:Ann@acme.example">Ann</a></p>`:   "Ask Ann <ann@acme.example>\n\n",
		`<a href="mailto:ann@acme.example">ann@acme.example</a>`: "ann@acme.example\n",
		`<div>One<br>two</div><div hidden>three</div>`:           "One\ntwo\n",
		`<blockquote>You <b>wrote</b></blockquote>No.`:           "> You wrote\nNo.\n",
	}
	for source, want := range cases {
		if got := htmlText(source); got != want {
			t.Errorf("%s\nis read as %q, want %q", source, got, want)
		}
	}
}

func TestAnAnswerBelowAHugeQuoteIsFound(t *testing.T) {
	quote := make([]byte, 0, 3<<20)
	for len(quote) < 3<<20 {
		quote = append(quote, "> all work and no play\n"...)
	}
	got := split(string(quote)+"\nStop writing.\n", outreach.Address{})
	if got.text != "Stop writing." {
		t.Errorf("text = %.60q, want the words below the quote", got.text)
	}
}
