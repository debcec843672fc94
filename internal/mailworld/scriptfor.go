package mailworld

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// rate is how often something happens among leads who are written to.
type rate struct {
	label    outreach.Label
	kind     Kind // of the reaction, where no words decide it
	perMille int
	least    int // however few leads there are, as long as there is anybody left
}

// rates are what senders of careful cold mail report, with the objections a
// little more often, so that a demo of 200 leads shows five of each. The rest,
// about half, stays silent.
func rates() []rate {
	return []rate{
		{label: outreach.LabelMeeting, perMille: 25, least: 2},
		{label: outreach.LabelInterested, perMille: 35, least: 2},
		{label: outreach.LabelPrice, perMille: 45, least: 5},
		{label: outreach.LabelAuthority, perMille: 45, least: 5},
		{label: outreach.LabelStatusQuo, perMille: 50, least: 5},
		{label: outreach.LabelBrushOff, perMille: 60, least: 5},
		{label: outreach.LabelUnsubscribe, perMille: 20, least: 1},
		{label: outreach.LabelOutOfOffice, perMille: 70, least: 2},
		{label: outreach.LabelLeftCompany, perMille: 15, least: 1},
		{label: outreach.LabelAutoReply, perMille: 15, least: 1},
		{label: outreach.LabelUnclear, perMille: 15, least: 1},
		{label: outreach.LabelBounceHard, kind: HardBounce, perMille: 10, least: 1},
		{label: outreach.LabelBounceHard, kind: RefuseAtSMTP, perMille: 10, least: 1},
		{label: outreach.LabelBounceSoft, kind: SoftBounce, perMille: 5, least: 1},
		{label: outreach.LabelBounceBlock, kind: BlockBounce, perMille: 5, least: 1},
		{label: outreach.LabelComplaint, kind: Complaint, perMille: 5, least: 1},
		{label: outreach.LabelUnsubscribe, kind: OneClick, perMille: 10, least: 1},
		{label: outreach.LabelUnsubscribe, kind: MailtoUnsub, perMille: 5, least: 1},
	}
}

// ScriptFor gives every lead a part: which one answers what, to which mail and
// when. It depends on the addresses and the seed alone, not on their order.
// A lead of a known language (English, German, French, Spanish, Dutch,
// Italian) answers in it where replies.yaml has such words.
func ScriptFor(leads []outreach.Lead, seed uint64) (Script, error) {
	replies, err := Replies()
	if err != nil {
		return nil, err
	}
	cast := shuffle(leads, seed)
	script := Script{}
	next := 0
	for _, r := range rates() {
		for range max(r.least, len(leads)*r.perMille/1000) {
			if next == len(cast) {
				return script, nil
			}
			lead := cast[next]
			next++
			part, err := partFor(lead, r, replies, seed)
			if err != nil {
				return nil, err
			}
			script[outreach.AddressKey(lead.Email)] = part
		}
	}
	return script, nil
}

// shuffle orders leads by a hash of their address and the seed.
func shuffle(leads []outreach.Lead, seed uint64) []outreach.Lead {
	cast := slices.Clone(leads)
	slices.SortFunc(cast, func(a, b outreach.Lead) int {
		return cmp.Or(cmp.Compare(number(a, seed), number(b, seed)), strings.Compare(a.Email, b.Email))
	})
	return cast
}

func number(lead outreach.Lead, seed uint64) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d %s", seed, outreach.AddressKey(lead.Email)) // a hash does not fail
	return h.Sum64()
}

// partFor writes a lead's part.
func partFor(lead outreach.Lead, r rate, replies []Reply, seed uint64) (ScriptedLead, error) {
	random := rand.New(rand.NewPCG(number(lead, seed), seed))
	part := ScriptedLead{Name: lead.Name()}
	reaction := Reaction{To: 1, Kind: r.kind, Label: r.label, Language: "en"}
	if r.kind != "" {
		reaction.After = quickly(random)
		if r.kind == OneClick || r.kind == MailtoUnsub || r.kind == Complaint {
			reaction.After = leisurely(random)
		}
		part.Reactions = []Reaction{reaction}
		return part, nil
	}
	reaction, err := speak(lead, r.label, replies, random)
	if err != nil {
		return ScriptedLead{}, err
	}
	part.Reactions = []Reaction{reaction}
	if reaction.Kind == OutOfOffice && random.IntN(3) == 0 { // and back at work, the next mail is answered
		later, err := speak(lead, outreach.LabelInterested, replies, random)
		if err != nil {
			return ScriptedLead{}, err
		}
		later.To = 2
		part.Reactions = append(part.Reactions, later)
	}
	return part, nil
}

// speak is a reaction in words.
func speak(lead outreach.Lead, label outreach.Label, replies []Reply, random *rand.Rand) (Reaction, error) {
	reply, err := choose(replies, label, languageOf(lead), random)
	if err != nil {
		return Reaction{}, err
	}
	reaction := Reaction{
		To: 1, Label: label, Text: reply.Text, Language: reply.Language, Return: time.Duration(reply.Days) * 24 * time.Hour,
	}
	if !reply.Auto {
		return dress(reaction, lead, random), nil
	}
	reaction.Kind, reaction.After = AutoReply, quickly(random)
	if label == outreach.LabelOutOfOffice {
		reaction.Kind = OutOfOffice
	}
	return reaction, nil
}

// languageOf is the lead's language, else that of most people in the country.
func languageOf(lead outreach.Lead) string {
	if language, _, _ := strings.Cut(strings.ToLower(lead.Language), "-"); language != "" {
		return language
	}
	return map[string]string{
		"DE": "de", "AT": "de", "FR": "fr", "ES": "es", "MX": "es", "NL": "nl", "IT": "it",
	}[strings.ToUpper(lead.Country)]
}

// choose takes one of the replies in the lead's language, else in English.
func choose(replies []Reply, label outreach.Label, language string, random *rand.Rand) (Reply, error) {
	for _, language := range []string{language, "en"} {
		var fitting []Reply
		for _, reply := range replies {
			if reply.Label == label && reply.Language == language {
				fitting = append(fitting, reply)
			}
		}
		if len(fitting) > 0 {
			return fitting[random.IntN(len(fitting))], nil
		}
	}
	return Reply{}, fmt.Errorf("mail world: replies.yaml has no English words for %s", label)
}

// dress decides how a person's answer looks: to which mail, by which program,
// and sometimes in a way that is hard to match.
func dress(reaction Reaction, lead outreach.Lead, random *rand.Rand) Reaction {
	reaction.Kind, reaction.After = Human, leisurely(random)
	if random.IntN(10) < 4 { // many answer the reminder
		reaction.To = 2
	}
	styles := []Style{Gmail, Gmail, Outlook, Outlook, Apple, NoQuote}
	reaction.Style = styles[random.IntN(len(styles))]
	if reaction.Label == outreach.LabelLeftCompany {
		return fromColleague(reaction, lead)
	}
	switch random.IntN(20) {
	case 0:
		reaction.NoThread = true
	case 1:
		reaction = fromColleague(reaction, lead)
	case 2, 3:
		reaction.HTMLOnly = true
	case 4:
		reaction.ToJunk = true
	}
	return reaction
}

// fromColleague lets somebody else of the company answer.
func fromColleague(reaction Reaction, lead outreach.Lead) Reaction {
	domain := outreach.Domain(lead.Email)
	reaction.FromName = colleagueOf(domain)
	reaction.From = addressAt(reaction.FromName, domain)
	return reaction
}

// quickly is how soon a machine answers.
func quickly(random *rand.Rand) time.Duration {
	return time.Duration(1+random.IntN(90)) * time.Second
}

// leisurely is how soon a person does: minutes to hours, so that an answer to a
// mail of the morning mostly falls into the same day.
func leisurely(random *rand.Rand) time.Duration {
	minutes := 5 + random.IntN(170)
	if random.IntN(3) == 0 {
		minutes += 22 * 60 // the next day
	}
	return time.Duration(minutes) * time.Minute
}
