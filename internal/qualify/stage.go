package qualify

import (
	"slices"

	"drumbeat/internal/outreach"
)

// Allowed tells whether a lead may move from one stage to another, by a person
// or by a rule. Nobody leaves do_not_contact.
func Allowed(from, to outreach.Stage) bool {
	return to == outreach.StageDoNotContact && from != to || slices.Contains(movesFrom(from), to)
}

// movesFrom lists the moves but that to do_not_contact, which is always open.
func movesFrom(from outreach.Stage) []outreach.Stage {
	const (
		connecting = outreach.StageConnecting
		qualifying = outreach.StageQualifying
		presenting = outreach.StagePresenting
		closing    = outreach.StageClosing
		won        = outreach.StageWon
		lost       = outreach.StageLost
		nurture    = outreach.StageNurture
	)
	switch from {
	case outreach.StageNew:
		return []outreach.Stage{connecting, qualifying, nurture, lost}
	case connecting:
		return []outreach.Stage{qualifying, nurture, lost}
	case qualifying:
		return []outreach.Stage{presenting, closing, won, nurture, lost}
	case presenting:
		return []outreach.Stage{qualifying, closing, won, nurture, lost}
	case closing:
		return []outreach.Stage{presenting, won, nurture, lost}
	case won:
		return []outreach.Stage{closing, nurture, lost}
	case lost, nurture:
		return []outreach.Stage{connecting, qualifying, nurture, lost}
	}
	return nil
}

// ruleStage is the stage to which a rule may move the lead, empty to leave it: a
// rule never takes a lead back that a person is presenting to, closing with or
// has won.
func ruleStage(from, to outreach.Stage) outreach.Stage {
	switch from {
	case outreach.StagePresenting, outreach.StageClosing, outreach.StageWon:
		if to != outreach.StageDoNotContact {
			return ""
		}
	}
	if from == to || !Allowed(from, to) {
		return ""
	}
	return to
}
