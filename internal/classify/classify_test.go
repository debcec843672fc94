package classify_test

import (
	"strings"
	"testing"
	"time"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
)

// wednesday is the day on which the replies of these tests arrive.
var wednesday = time.Date(2025, 4, 30, 10, 0, 0, 0, time.UTC)

func human(text string) classify.Input {
	return classify.Input{Kind: outreach.KindHuman, Text: text, ReceivedAt: wednesday}
}

func TestAnOptOutIsSeenInManyLanguages(t *testing.T) {
	for _, text := range []string{
		"Please take me off your list.", "Don't ever contact me again!", "unsubscribe", "Where did you get my email address?",
		"Bitte aus dem Verteiler austragen, danke.", "Woher haben Sie meine Adresse?", "Merci de me désinscrire de votre liste.", "Ne m'écrivez plus.",
		"Haal mij van jullie lijst en mail niet meer.", "Por favor, denme de baja de sus envíos.", "Non scrivetemi più.", "Por favor removam o meu email da vossa lista.",
		"Ta bort mig från er lista.", "Slett meg fra registeret deres.", "Poistakaa tietoni rekisteristänne.", "Proszę o usunięcie moich danych z bazy.",
		"Odhlásit, prosím.", "Vă rog să mă ștergeți din lista dvs.", "Lütfen bir daha yazmayın, listeden çıkarın.",
	} {
		got := classify.Classify(human(text))
		if got.Label != outreach.LabelUnsubscribe || got.OptOut < classify.OptOutSuppress {
			t.Errorf("%q: %s with opt-out %.2f, want %s", text, got.Label, got.OptOut, outreach.LabelUnsubscribe)
		}
	}
}

func TestWhatOnlySoundsLikeAnOptOutIsNone(t *testing.T) {
	for _, text := range []string{
		"No no, don't take me off the list. I just have nothing for you at the moment.",
		"Please don't contact me again before October, we are in harvest.",
		"Could you stop by on Tuesday at 10?",
		"Is your product GDPR compliant?",
		"Send the papers by Friday or lose my number.",
		"Would you stop by the yard on Friday?",
		"Not stop, please, I like these.",
		"We stopped using our agency and the budget was cut from our list.",
	} {
		if got := classify.Classify(human(text)); got.OptOutRule {
			t.Errorf("%q: taken for an opt-out by %+v", text, got.Evidence)
		}
	}
}

func TestTheFourObjectionsAreTold(t *testing.T) {
	tests := []struct {
		text string
		want outreach.Label
	}{
		{"Sorry, this is too expensive for us, we have no budget this year.", outreach.LabelPrice},
		{"Das ist uns leider zu teuer.", outreach.LabelPrice},
		{"I'm not the right person for this, please talk to our head of purchasing.", outreach.LabelAuthority},
		{"Je ne suis pas la bonne personne, contactez notre service achats.", outreach.LabelAuthority},
		{"We already use Acme and are happy with it.", outreach.LabelStatusQuo},
		{"Ya trabajamos con otro proveedor y estamos contentos.", outreach.LabelStatusQuo},
		{"No thanks, not interested.", outreach.LabelBrushOff},
		{"Nee bedankt, geen interesse.", outreach.LabelBrushOff},
	}
	for _, test := range tests {
		if got := classify.Classify(human(test.text)); got.Label != test.want {
			t.Errorf("%q: %s, want %s", test.text, got.Label, test.want)
		}
	}
}

func TestAutomaticMailNeverCarriesAHumanLabel(t *testing.T) {
	in := human("Thank you for your interest! We are very interested in your message. Book a call: unsubscribe here.")
	in.Kind = outreach.KindAutomatic
	switch got := classify.Classify(in); got.Label {
	case outreach.LabelAutoReply, outreach.LabelOutOfOffice, outreach.LabelLeftCompany:
		if got.OptOutRule {
			t.Error("an automatic mail was taken for an opt-out")
		}
	default:
		t.Errorf("label %s of an automatic mail", got.Label)
	}
}

func TestAPersonIsNotTakenForOneWhoIsGone(t *testing.T) {
	for _, text := range []string{
		"Marek can you take the late shift on Friday, Ola's knee is bad again",
		"We closed the garden in June, so nobody is here to see your lights.",
		"Too late, we signed with somebody else.",
	} {
		if got := classify.Classify(human(text)); got.Label == outreach.LabelLeftCompany || got.Label == outreach.LabelOutOfOffice {
			t.Errorf("%q: %s (%.2f)", text, got.Label, got.Confidence)
		}
	}
}

func TestANoticeOfWorkingDaysIsAnAbsence(t *testing.T) {
	for _, text := range []string{
		"I am in on Mondays and Tuesdays only. I will see your e-mail on Monday.",
		"Meine Arbeitstage sind Montag bis Mittwoch. Ihre Nachricht lese ich erst am Montag.",
		"Ik werk op maandag, dinsdag en donderdag. Mijn werkdagen zijn vast; ik lees uw bericht maandag.",
	} {
		if got := classify.Classify(classify.Input{Kind: outreach.KindAutomatic, Text: text, ReceivedAt: wednesday}); got.Label != outreach.LabelOutOfOffice {
			t.Errorf("%q: %s (%.2f)", text, got.Label, got.Confidence)
		}
	}
}

func TestEvidencePointsIntoTheText(t *testing.T) {
	text := "Grüezi, für uns ist das leider viel zu teuer."
	got := classify.Classify(human(text))
	if len(got.Evidence) == 0 {
		t.Fatal("no evidence")
	}
	runes := []rune(text)
	for _, e := range got.Evidence {
		if e.Text != string(runes[e.Start:e.End]) {
			t.Errorf("evidence %+v, but the text has %q there", e, string(runes[e.Start:e.End]))
		}
	}
}

func TestAnEmptyReplyIsUnclear(t *testing.T) {
	if got := classify.Classify(human(" \n")); got.Label != outreach.LabelUnclear {
		t.Errorf("label %s, want unclear", got.Label)
	}
}

func TestWhatStandsBehindTheCapIsNotRead(t *testing.T) {
	got := classify.Classify(human(strings.Repeat("é, ", 16<<10) + "unsubscribe"))
	if got.OptOutRule {
		t.Error("words behind the cap were read")
	}
}

func FuzzClassify(f *testing.F) {
	f.Add("Back on 12.05., until then ask Ana Ruiz (ana@acme.example, +44 1632 555-0130).", "Are you the right person?")
	f.Add("\x00\xff(((..*|? 31/31/31 the 99th of never KW 99", "> ?")
	f.Fuzz(func(t *testing.T, text, quoted string) {
		in := human(text)
		in.Quoted = quoted
		got := classify.Classify(in)
		for _, e := range got.Evidence {
			if e.Start < 0 || e.End < e.Start {
				t.Fatalf("evidence %+v", e)
			}
		}
		if got.Confidence < 0 || got.Confidence > 1 {
			t.Fatalf("confidence %v", got.Confidence)
		}
	})
}

func TestTheWordsThatOurFooterAsksForAreOptOuts(t *testing.T) {
	for _, language := range render.FooterLanguages() {
		word := render.UnsubscribeWord(language)
		for _, text := range []string{word, strings.ToUpper(word), "„" + word + "“.", "Hello,\n\n" + word + "\n\nThanks"} {
			in := human(text)
			in.Quoted = "Would you like a demo?\n" + word
			if got := classify.Classify(in); !got.OptOutRule || got.Label != outreach.LabelUnsubscribe {
				t.Errorf("%s: %q is %s, opt-out %.2f", language, text, got.Label, got.OptOut)
			}
		}
	}
}

func TestAYesToTheOfferToStopIsAnOptOut(t *testing.T) {
	for _, test := range []struct {
		text, quoted string
		want         bool
	}{
		{"Yes please", "Shall I take you off my list?", true},
		{"D.", "Just a letter:\na) let's talk  b) not my job  c) no budget  d) stop writing to me", true},
		{"b", "Just a letter:\na) let's talk  b) not my job  c) no budget  d) stop writing to me", false},
		{"No", "Shall I take you off my list?", false},
		{"Yes please", "Shall we talk on Tuesday?\n-- \nReply stop to be taken off the list", false},
	} {
		in := human(test.text)
		in.Quoted = test.quoted
		if got := classify.Classify(in); got.OptOutRule != test.want {
			t.Errorf("%q to %q: opt-out by rule %t, want %t", test.text, test.quoted, got.OptOutRule, test.want)
		}
	}
}

func TestAMailClientsUnsubscribeIsAnOptOut(t *testing.T) {
	in := human("")
	in.Subject = "unsubscribe"
	if got := classify.Classify(in); got.Label != outreach.LabelUnsubscribe || !got.OptOutRule {
		t.Errorf("label %s", got.Label)
	}
}

func TestAContractsEndAndAThreatOfLawAreNoted(t *testing.T) {
	for text, want := range map[string]string{
		"We are under contract with Acme until 31 March 2027, so no.":        "2027-03-31",
		"Unser Vertrag mit Acme läuft noch bis 30.06.2026.":                  "2026-06-30",
		"Happy with Acme, we are away until 31 March 2027. The price is ok.": "",
	} {
		got := ""
		if day := classify.Classify(human(text)).ContractEnd; day != nil {
			got = day.String()
		}
		if got != want {
			t.Errorf("%q: contract ends %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]bool{
		"Remove me or I will complain to the ICO under GDPR.": true,
		"Remove me from your list.":                           false,
		"Is your product GDPR compliant? We'd like a demo.":   false,
	} {
		if got := classify.Classify(human(text)).Legal; got != want {
			t.Errorf("%q: legal %t, want %t", text, got, want)
		}
	}
}

func TestASumThatIsTheirBudgetIsRead(t *testing.T) {
	tests := []struct{ text, want string }{
		{"We had set aside 20k for this year.", "20k"},
		{"Our budget is €12,500 and not a cent more.", "€12,500"},
		{"Unser Budget liegt bei 8.000 Euro.", "8.000 Euro"},
		{"Notre enveloppe est de 3 000 €, pas plus.", "3 000 €"},
		{"You want 900 euros a month, that is too much.", ""},
		{"We have no budget at all.", ""},
	}
	for _, test := range tests {
		if got := classify.Classify(human(test.text)).Budget; got != test.want {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
}

func TestToBeToldIsWhatAnOfferToStopAsksFor(t *testing.T) {
	in := human("Letting you know.")
	in.Quoted = "Happy to send more. If you would rather not hear from me, just let me know and I'll close your file."
	if got := classify.Classify(in); got.Label != outreach.LabelUnsubscribe || !got.OptOutRule {
		t.Errorf("%s, want %s by a rule", got.Label, outreach.LabelUnsubscribe)
	}
	in.Quoted = "Happy to send more. Let me know if Tuesday suits you."
	if got := classify.Classify(in); got.OptOutRule {
		t.Errorf("taken for an opt-out by %+v", got.Evidence)
	}
}

func TestEachShortAnswerIsReadWithItsOwnQuestion(t *testing.T) {
	in := human("Hello Dana,\nstill the same.\nYes.")
	in.Quoted = "Do you use Acme?\nShall I stop writing to you?"
	in.Answers = []classify.Answer{{Text: "Hello Dana,\nstill the same.", Quoted: "Do you use Acme?"}, {Text: "Yes.", Quoted: "Shall I stop writing to you?"}}
	if got := classify.Classify(in); !got.OptOutRule {
		t.Errorf("the yes to the second question is %s, %+v", got.Label, got.Evidence)
	}
	in.Answers[0].Quoted, in.Answers[1].Quoted = in.Answers[1].Quoted, in.Answers[0].Quoted
	if got := classify.Classify(in); got.OptOutRule {
		t.Errorf("the yes to the first question is an opt-out: %+v", got.Evidence)
	}
}

func TestWhatTheProductDoesWithOptOutsIsNoOptOut(t *testing.T) {
	for _, text := range []string{"Can your tool remove people from our list when they reply stop?", "Does the system unsubscribe them by itself?"} {
		if got := classify.Classify(human(text)); got.OptOutRule || got.Label == outreach.LabelUnsubscribe {
			t.Errorf("%q is %s", text, got.Label)
		}
	}
}
