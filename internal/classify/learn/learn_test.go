package learn_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/classify"
	"drumbeat/internal/classify/learn"
	"drumbeat/internal/outreach"
)

const twoCases = `{"id":"a","from":"Ann <ann@acme.example>","subject":"Re: hi","body":"Too expensive.\n\n> How about it?","headers":{"Cc":"bob@acme.example"},"received":"2025-06-02T10:00:00Z","label":"price","reply_text":"Too expensive.","language":"en"}

{"id":"b","from":"Bob <bob@acme.example>","subject":"Automatic reply: hi","body":"Away until 9 June.","headers":{"Auto-Submitted":"auto-replied"},"received":"2025-06-02T10:00:00Z","label":"out_of_office","return_on":"2025-06-09","reply_text":"Away until 9 June.","language":"en"}
`

func TestCasesBecomeInputs(t *testing.T) {
	cases, err := learn.ReadCases(strings.NewReader(twoCases), "two")
	if err != nil {
		t.Fatal(err)
	}
	price, away := cases[0].Input(), cases[1].Input()
	if price.Kind != outreach.KindHuman || price.Quoted != "How about it?" || len(price.Cc) != 1 {
		t.Errorf("input %+v", price)
	}
	if away.Kind != outreach.KindAutomatic {
		t.Errorf("kind %s, want automatic", away.Kind)
	}
}

func TestAWrongLabelIsRefusedWithItsLine(t *testing.T) {
	_, err := learn.ReadCases(strings.NewReader("\n"+`{"label":"angry"}`), "cases.jsonl")
	if err == nil || !strings.HasPrefix(err.Error(), "cases.jsonl:2:") {
		t.Errorf("error %v, want one that names cases.jsonl:2", err)
	}
}

func TestTheSameDataGiveTheSameModel(t *testing.T) {
	classifier, err := classify.NewUntrained()
	if err != nil {
		t.Fatal(err)
	}
	cases, err := learn.ReadCases(strings.NewReader(strings.Repeat(twoCases, 5)), "two")
	if err != nil {
		t.Fatal(err)
	}
	once := learn.Train(classifier, cases, learn.Options{Epochs: 2, Runs: 2}).Encode()
	again := learn.Train(classifier, cases, learn.Options{Epochs: 2, Runs: 2}).Encode()
	if !bytes.Equal(once, again) {
		t.Error("two trainings on the same data differ")
	}
}

func TestTheReportCountsLabelsOptOutsAndFields(t *testing.T) {
	cases, err := learn.ReadCases(strings.NewReader(twoCases), "two")
	if err != nil {
		t.Fatal(err)
	}
	judged := []learn.Judged{
		{Case: cases[0], Label: outreach.LabelPrice, Confidence: 0.9, Result: classify.Result{Language: "en"}},
		{Case: cases[1], Label: outreach.LabelAutoReply, Confidence: 0.6, Result: classify.Result{Language: "en"}},
	}
	got := learn.Measure(judged)
	want := []any{2, 0.5, 1, learn.FieldScore{Have: 1}, learn.FieldScore{Right: 2, Have: 2}, 1}
	if diff := cmp.Diff(want, []any{got.Cases, got.Accuracy, got.Abstained, got.ReturnOn, got.Language, got.Cost}); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

func TestTheShippedCasesCanBeRead(t *testing.T) {
	cases, err := learn.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 2000 {
		t.Errorf("%d shipped cases", len(cases))
	}
}

func TestWhatIsWrittenSmallOrIsAGermanNounIsNoName(t *testing.T) {
	cases := []learn.Case{
		{From: "Ann Field <ann@acme.example>", ReplyText: "We use Acme here. Ask Otto.", Language: "en", Competitor: new("Acme")},
		{From: "Ben <ben@b.example>", ReplyText: "Der Vertrag mit Acme läuft noch, hallo Frau Keller.", Language: "de", Competitor: new("Acme")},
	}
	got := learn.OrdinaryWords(cases)
	for _, word := range []string{"use", "here", "vertrag", "noch"} {
		if !slices.Contains(got, word) {
			t.Errorf("%q is missing from %v", word, got)
		}
	}
	for _, word := range []string{"acme", "otto", "keller", "ann"} {
		if slices.Contains(got, word) {
			t.Errorf("%q is taken for an ordinary word", word)
		}
	}
}

func TestNobodyIsJudgedByAModelOfHisOwnReplies(t *testing.T) {
	classifier, err := classify.NewUntrained()
	if err != nil {
		t.Fatal(err)
	}
	var cases []learn.Case
	for _, writer := range []string{"one", "two", "three"} {
		more, err := learn.ReadCases(strings.NewReader(strings.Repeat(twoCases, 5)), writer)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, more...)
	}
	cases[0].ReplyText, cases[0].Label = "Purple elephants.", outreach.LabelMeeting
	judged, err := learn.CrossValidate(classifier, cases, learn.Options{Epochs: 4, Runs: 2})
	if err != nil {
		t.Fatal(err)
	}
	if got := judged[0].Label; got == outreach.LabelMeeting {
		t.Error("the only meeting was told by a model that cannot have seen one")
	}
	if got := judged[1].Label; got != outreach.LabelOutOfOffice {
		t.Errorf("the absence is taken for %s", got)
	}
}

func TestOptOutsAreCountedByLabelAndByWhatBecomesOfThem(t *testing.T) {
	one := func(truth, guess outreach.Label, optOut float64) learn.Judged {
		return learn.Judged{Case: learn.Case{Label: truth}, Label: guess, Confidence: 0.9, Result: classify.Result{OptOut: optOut}}
	}
	got := learn.Measure([]learn.Judged{
		one(outreach.LabelUnsubscribe, outreach.LabelUnsubscribe, 0.9),
		one(outreach.LabelUnsubscribe, outreach.LabelUnsubscribe, 0.5),
		one(outreach.LabelUnsubscribe, outreach.LabelBrushOff, 0.1),
		one(outreach.LabelPrice, outreach.LabelUnsubscribe, 0.7),
	}).OptOuts
	want := learn.OptOutScore{Recall: 2.0 / 3, Precision: 2.0 / 3, Suppressed: 2, Wrongly: 1, Triaged: 1, Missed: 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("opt-outs (-want +got):\n%s", diff)
	}
}

func TestAModelIsLessSureOfAnswersThatItsLikeGotWrong(t *testing.T) {
	classifier, err := classify.NewUntrained()
	if err != nil {
		t.Fatal(err)
	}
	var cases []learn.Case
	labels := []outreach.Label{outreach.LabelPrice, outreach.LabelAuthority, outreach.LabelStatusQuo, outreach.LabelMeeting}
	for i := range 240 {
		// Long answers say what they mean; of short ones nobody can tell.
		label, text := labels[i%4], "Hmm, all right."
		if i%8 < 4 {
			text = strings.Repeat(string(label)+" it is, and this is all there is to say of the matter. ", 2)
		}
		cases = append(cases, learn.Case{Body: text, ReplyText: text, Language: "en", Label: label, Source: string(rune('a' + i%3))})
	}
	m := learn.Train(classifier, cases, learn.Options{Epochs: 4, Runs: 1})
	sure := func(text string) float64 { return classifier.With(m).Classify(classify.Input{Text: text}).Confidence }
	if long, short := sure(cases[0].Body), sure("Hmm, all right."); long < 0.9 || short > 0.4 {
		t.Errorf("sure of a long answer by %.2f, of a short one by %.2f", long, short)
	}
	stored, err := classify.DecodeModel(m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m.Certainty, stored.Certainty); diff != "" {
		t.Errorf("certainty after reading the stored model (-trained +stored):\n%s", diff)
	}
}
