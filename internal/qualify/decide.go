package qualify

import (
	"fmt"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
)

// The rules that are no label's own. Decided.Rule holds one of them or a label.
const (
	RuleAlreadyOut     = "do_not_contact_stays"
	RuleOptOut         = "opt_out"          // a rule or the model is sure enough
	RuleOptOutPossible = "opt_out_possible" // 0.15 to 0.6: a person decides
	RuleAbstained      = "abstained"        // the label is only a guess
	RuleTentative      = "match_tentative"  // the lead is only a guess
)

// Decide is the decision table, read from the top: what protects the lead comes
// first, what moves the sale comes last.
func Decide(in Input) Decision {
	d := Decision{}
	d.At, d.MessageID = in.Now, in.MessageID
	d.Decided.By = in.By
	switch {
	case in.Kind == outreach.KindComplaint || in.Read.Label == outreach.LabelComplaint:
		d.complaint(in)
	case optsOut(in):
		d.optOut(in)
	case in.Lead.Stage == outreach.StageDoNotContact:
		d.alreadyOut(in)
	case in.Read.Label.Bounce():
		d.bounce(in)
	case mayOptOut(in):
		d.triage(in, RuleOptOutPossible, "it may ask for no more mail", outreach.LabelUnsubscribe)
	case !in.sure() || in.Read.Label == outreach.LabelUnclear:
		d.triage(in, RuleAbstained, "the label is only a guess", in.Read.Label)
	case in.Match.Tentative() && in.By == "":
		d.triage(in, RuleTentative, "somebody else of the company may have written it", in.Read.Label)
	default:
		d.byLabel(in)
	}
	return d
}

// optsOut tells whether the message asks for no more mail: by a rule, by the
// model with enough confidence, or because that is what it was found to be.
func optsOut(in Input) bool {
	label := in.Read.Label == outreach.LabelUnsubscribe
	if in.By != "" {
		return label // a person's word goes above all probabilities
	}
	if label && in.sure() || in.Read.OptOutRule {
		return true
	}
	return in.Kind == outreach.KindHuman && in.Read.OptOut >= classify.OptOutSuppress
}

// mayOptOut is the grey zone below that.
func mayOptOut(in Input) bool {
	if in.By != "" {
		return false
	}
	return in.Read.Label == outreach.LabelUnsubscribe ||
		in.Kind == outreach.KindHuman && in.Read.OptOut >= classify.OptOutTriage
}

func (d *Decision) complaint(in Input) {
	d.suppress(in, outreach.StopComplained)
	d.Alert = true
	d.decided(string(outreach.LabelComplaint), "The lead marked the mail as spam: suppressed for ever.", "Nothing goes to this address any more.")
}

func (d *Decision) optOut(in Input) {
	d.suppress(in, outreach.StopUnsubscribed)
	if from := outreach.AddressKey(in.From); from != "" && from != outreach.AddressKey(in.Lead.Email) && in.Kind == outreach.KindHuman {
		d.Suppress = append(d.Suppress, from) // they answered from another address: that one is out as well
	}
	d.Alert = in.Read.Legal
	d.StopCompany = in.stopsCompany(outreach.LabelUnsubscribe)
	rule := RuleOptOut
	if in.By != "" || in.Read.Label == outreach.LabelUnsubscribe && !in.Read.OptOutRule {
		rule = string(outreach.LabelUnsubscribe)
	}
	d.decided(rule, "The lead asked for no more mail: suppressed for ever.", "Nothing goes to this address any more.")
}

// suppress is the one way into do_not_contact.
func (d *Decision) suppress(in Input, why outreach.StopReason) {
	d.Move, d.Stop = outreach.MoveStop, why
	d.Suppress, d.SuppressWhy = addresses(in.Lead.Email), why
	if in.Lead.Stage != outreach.StageDoNotContact {
		d.Stage = outreach.StageDoNotContact
	}
}

// alreadyOut: whatever they write now, mail does not start again by a rule.
func (d *Decision) alreadyOut(in Input) {
	d.Move, d.Stop = outreach.MoveStop, in.Lead.Stopped
	if d.Stop == "" {
		d.Stop = outreach.StopSuppressed
	}
	d.Alert = in.Read.Label.Positive() && in.sure()
	d.decided(RuleAlreadyOut, "The lead had asked for no more mail; that stays.", "A person may answer what was written.")
}

// triage holds the lead until a person has said what the message is.
func (d *Decision) triage(in Input, rule, why string, guess outreach.Label) {
	d.Move, d.Hold = outreach.MoveHold, outreach.HoldTriage
	d.Question = fmt.Sprintf("Is this %s or %s?", guess, runnerUp(in.Read, guess))
	d.decided(rule, "Held: "+why+".", "A person decides. "+d.Question)
}

// runnerUp is the likeliest label but the guess.
func runnerUp(read classify.Result, guess outreach.Label) outreach.Label {
	if read.Label != guess {
		return read.Label
	}
	best, score := outreach.Label(""), 0.0
	for _, label := range outreach.WordLabels() { // in order, so that ties end the same way each time
		if s := read.Scores[label]; label != guess && s > score {
			best, score = label, s
		}
	}
	switch {
	case best != "":
		return best
	case guess == outreach.LabelUnclear:
		return outreach.LabelInterested
	}
	return outreach.LabelUnclear
}

func (d *Decision) decided(rule, act, next string) {
	d.Decided.Rule, d.Decided.Act, d.Decided.Next = rule, act, next
}

func (in Input) stopsCompany(label outreach.Label) bool {
	for _, l := range in.WholeCompanyOn {
		if l == label {
			return true
		}
	}
	return false
}

func addresses(email string) []string {
	if key := outreach.AddressKey(email); key != "" {
		return []string{key}
	}
	return nil
}
