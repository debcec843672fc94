package qualify

import "drumbeat/internal/outreach"

// View is what a framework shows of the facts about one lead.
type View struct {
	Filled       []Filled    // known or denied, in the framework's order
	Missing      []Criterion // nobody has spoken about them
	NextQuestion string      // for the first that is missing; empty: nothing to ask
	Score        int         // 0..100: the weight of what is known to be there
	Passed       bool
}

// Filled is a criterion and the fact that fills it.
type Filled struct {
	Criterion Criterion
	Fact      outreach.Fact
	Met       bool // false: we know that there is none
}

// View looks at facts, of which a later one of the same name counts. A denied
// fact is an answer, so it is not asked for again, but it does not count.
func (f Framework) View(facts []outreach.Fact) View {
	var v View
	met, score, total := 0, 0, 0
	for _, c := range f.Criteria {
		total += c.Weight
		fact, found := c.fill(facts)
		if !found {
			v.Missing = append(v.Missing, c)
			continue
		}
		filled := Filled{c, fact, fact.Status == outreach.FactKnown}
		if filled.Met {
			met++
			score += c.Weight
		}
		v.Filled = append(v.Filled, filled)
	}
	if len(v.Missing) > 0 {
		v.NextQuestion = v.Missing[0].Question
	}
	if total > 0 {
		v.Score = 100 * score / total
	}
	v.Passed = met >= f.Pass
	return v
}

// fill is the fact for the criterion: a known one before a denied one, an
// earlier name before a later one.
func (c Criterion) fill(facts []outreach.Fact) (outreach.Fact, bool) {
	var denied *outreach.Fact
	for _, name := range c.Facts {
		fact := latest(facts, name)
		if fact == nil {
			continue
		}
		if fact.Status == outreach.FactKnown {
			return *fact, true
		}
		if denied == nil {
			denied = fact
		}
	}
	if denied == nil {
		return outreach.Fact{}, false
	}
	return *denied, true
}

func latest(facts []outreach.Fact, name string) *outreach.Fact {
	var found *outreach.Fact
	for i, fact := range facts {
		if fact.Name == name && (found == nil || !fact.At.Before(found.At)) {
			found = &facts[i]
		}
	}
	return found
}
