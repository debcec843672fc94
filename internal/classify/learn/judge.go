package learn

import (
	"strings"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
)

// Judged is a case with what the whole path made of it.
type Judged struct {
	Case       Case
	Label      outreach.Label
	Confidence float64
	Result     classify.Result
}

// Costs of a mistake, in minutes of somebody's life: a missed opt-out brings a
// complaint, a wrongly stopped lead is lost, an absence that is mailed through
// annoys, and everything else takes a rep's look.
const (
	costMissedOptOut  = 50
	costWronglyStop   = 10
	costThroughLeave  = 2
	costRepsAttention = 1
)

// Report is how well replies were understood.
type Report struct {
	Cases      int                                       `json:"cases"`
	Accuracy   float64                                   `json:"accuracy"`
	MacroF1    float64                                   `json:"macro_f1"`
	ECE        float64                                   `json:"ece"` // expected calibration error, ten bins
	Labels     []LabelScore                              `json:"labels"`
	Languages  []LanguageScore                           `json:"languages"`
	Confusion  map[outreach.Label]map[outreach.Label]int `json:"confusion"` // truth, then guess
	Coverage   []CoverageScore                           `json:"coverage"`
	Abstained  int                                       `json:"abstained"`
	OptOuts    OptOutScore                               `json:"opt_outs"`
	Automatic  int                                       `json:"humans_taken_for_automatic"`
	ReturnOn   FieldScore                                `json:"return_on"`
	FollowUpOn FieldScore                                `json:"follow_up_on"`
	Contact    FieldScore                                `json:"contact"`
	Competitor FieldScore                                `json:"competitor"`
	Language   FieldScore                                `json:"language"`
	Cost       int                                       `json:"cost"`
	Model      string                                    `json:"model"`
}

// LabelScore is precision and recall of one label.
type LabelScore struct {
	Label     outreach.Label `json:"label"`
	Precision float64        `json:"precision"`
	Recall    float64        `json:"recall"`
	F1        float64        `json:"f1"`
	Cases     int            `json:"cases"`
}

// LanguageScore is the accuracy in one language.
type LanguageScore struct {
	Language string  `json:"language"`
	Accuracy float64 `json:"accuracy"`
	Cases    int     `json:"cases"`
}

// CoverageScore is the accuracy on the share of the cases that are surest.
type CoverageScore struct {
	Share    float64 `json:"share"`
	Accuracy float64 `json:"accuracy"`
	Least    float64 `json:"least_confidence"`
}

// OptOutScore counts opt-outs: recall and precision by the label, the rest by the
// thresholds that act.
type OptOutScore struct {
	Recall     float64 `json:"recall"`
	Precision  float64 `json:"precision"`
	Suppressed int     `json:"suppressed"`
	Wrongly    int     `json:"suppressed_wrongly"` // of the suppressed
	Triaged    int     `json:"triaged"`            // shown to a person
	Missed     int     `json:"missed"`             // opt-outs neither suppressed nor shown
}

// FieldScore counts a field over the cases that have it.
type FieldScore struct {
	Right int `json:"right"`
	Have  int `json:"have"`
	False int `json:"false"` // found where there is none
}

func (f *FieldScore) count(want, got string) {
	want, got = plain(want), plain(got)
	switch {
	case want != "":
		f.Have++
		if want == got {
			f.Right++
		}
	case got != "":
		f.False++
	}
}

// plain folds white space and case, as tools/score.py does.
func plain(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// cost is what a case's outcome costs.
func (j Judged) cost() int {
	stops := func(l outreach.Label) bool { return l == outreach.LabelUnsubscribe || l == outreach.LabelLeftCompany }
	switch {
	case j.Label == j.Case.Label && j.Confidence >= classify.Floor:
		return 0
	case j.Case.Label == outreach.LabelUnsubscribe && j.Label != outreach.LabelUnsubscribe && j.Result.OptOut < classify.OptOutTriage && j.Confidence >= classify.Floor:
		return costMissedOptOut
	case j.Confidence < classify.Floor:
		return costRepsAttention
	case stops(j.Label) && !stops(j.Case.Label):
		return costWronglyStop
	case j.Case.Label == outreach.LabelOutOfOffice && j.Label == outreach.LabelAutoReply:
		return costThroughLeave
	}
	return costRepsAttention
}
