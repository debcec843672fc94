package learn

import (
	"math"
	"sort"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
)

// Measure sums up judged cases.
func Measure(judged []Judged) Report {
	r := Report{Cases: len(judged), Confusion: map[outreach.Label]map[outreach.Label]int{}}
	if len(judged) == 0 {
		return r
	}
	r.Model = judged[0].Result.Model
	right := 0
	for _, j := range judged {
		r.add(j)
		if j.Label == j.Case.Label {
			right++
		}
	}
	r.Accuracy = share(right, len(judged))
	r.scoreLabels()
	r.scoreLanguages(judged)
	r.scoreOptOuts(judged)
	r.scoreCertainty(judged)
	return r
}

func (r *Report) add(j Judged) {
	row := r.Confusion[j.Case.Label]
	if row == nil {
		row = map[outreach.Label]int{}
		r.Confusion[j.Case.Label] = row
	}
	row[j.Label]++
	if j.Confidence < classify.Floor {
		r.Abstained++
	}
	if automatic(j.Label) && !automatic(j.Case.Label) {
		r.Automatic++
	}
	r.Cost += j.cost()
	r.ReturnOn.count(day(j.Case.ReturnOn), day(j.Result.ReturnOn))
	r.FollowUpOn.count(day(j.Case.FollowUpOn), day(j.Result.FollowUpOn))
	r.Language.count(j.Case.Language, j.Result.Language)
	competitor := ""
	if j.Case.Competitor != nil {
		competitor = *j.Case.Competitor
	}
	r.Competitor.count(competitor, j.Result.Competitor)
	r.countContact(j)
}

// countContact takes a contact for right when its address or its name is.
func (r *Report) countContact(j Judged) {
	got := outreach.Contact{}
	if j.Result.Contact != nil {
		got = *j.Result.Contact
	}
	if j.Case.Contact == nil {
		if !got.Empty() {
			r.Contact.False++
		}
		return
	}
	want := *j.Case.Contact
	r.Contact.Have++
	if want.Email != "" && plain(want.Email) == plain(got.Email) || want.Name != "" && plain(want.Name) == plain(got.Name) ||
		want.Email == "" && want.Name == "" && want.Phone == got.Phone {
		r.Contact.Right++
	}
}

func automatic(l outreach.Label) bool {
	return l == outreach.LabelAutoReply || l == outreach.LabelOutOfOffice || l == outreach.LabelLeftCompany
}

func day(d *outreach.Day) string {
	if d == nil {
		return ""
	}
	return d.String()
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// scoreLabels averages F1 over the labels that the cases have.
func (r *Report) scoreLabels() {
	for _, label := range outreach.WordLabels() {
		s := LabelScore{Label: label}
		guessed := 0
		for truth, row := range r.Confusion {
			guessed += row[label]
			if truth == label {
				for _, n := range row {
					s.Cases += n
				}
			}
		}
		if s.Cases == 0 {
			continue
		}
		hits := r.Confusion[label][label]
		s.Precision, s.Recall = share(hits, guessed), share(hits, s.Cases)
		if hits > 0 {
			s.F1 = 2 * s.Precision * s.Recall / (s.Precision + s.Recall)
		}
		r.Labels = append(r.Labels, s)
		r.MacroF1 += s.F1
	}
	r.MacroF1 /= float64(len(r.Labels))
}

func (r *Report) scoreLanguages(judged []Judged) {
	right, all := map[string]int{}, map[string]int{}
	for _, j := range judged {
		all[j.Case.Language]++
		if j.Label == j.Case.Label {
			right[j.Case.Language]++
		}
	}
	for language, n := range all {
		r.Languages = append(r.Languages, LanguageScore{language, share(right[language], n), n})
	}
	sort.Slice(r.Languages, func(i, j int) bool {
		a, b := r.Languages[i], r.Languages[j]
		return a.Cases > b.Cases || a.Cases == b.Cases && a.Language < b.Language
	})
}

// scoreOptOuts counts opt-outs by the label, and what becomes of them and of the
// others by the thresholds.
func (r *Report) scoreOptOuts(judged []Judged) {
	have, named, right := 0, 0, 0
	for _, j := range judged {
		truth, guess := j.Case.Label == outreach.LabelUnsubscribe, j.Label == outreach.LabelUnsubscribe
		have += count(truth)
		named += count(guess)
		right += count(truth && guess)
		switch {
		case j.Result.OptOut >= classify.OptOutSuppress:
			r.OptOuts.Suppressed++
			r.OptOuts.Wrongly += count(!truth)
		case j.Result.OptOut >= classify.OptOutTriage:
			r.OptOuts.Triaged++
		default:
			r.OptOuts.Missed += count(truth)
		}
	}
	r.OptOuts.Recall, r.OptOuts.Precision = share(right, have), share(right, named)
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// scoreCertainty asks whether the confidence means what it says.
func (r *Report) scoreCertainty(judged []Judged) {
	sorted := append([]Judged(nil), judged...)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].Confidence > sorted[j].Confidence })
	right := 0
	next := 0
	steps := []float64{0.25, 0.5, 0.75, 0.9, 1}
	for i, j := range sorted {
		if j.Label == j.Case.Label {
			right++
		}
		for next < len(steps) && i+1 == int(float64(len(sorted))*steps[next]) {
			r.Coverage = append(r.Coverage, CoverageScore{steps[next], share(right, i+1), j.Confidence})
			next++
		}
	}
	var count, hits [10]int
	var belief [10]float64
	for _, j := range judged {
		bin := min(9, int(math.Ceil(j.Confidence*10))-1)
		bin = max(bin, 0)
		count[bin]++
		belief[bin] += j.Confidence
		if j.Label == j.Case.Label {
			hits[bin]++
		}
	}
	for bin, n := range count {
		if n > 0 {
			r.ECE += math.Abs(belief[bin]-float64(hits[bin])) / float64(len(judged))
		}
	}
}
