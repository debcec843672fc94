package qualify

import (
	"drumbeat/internal/outreach"
)

// facts are what an answer proves, each with the lead's own words.
func facts(in Input) []outreach.Fact {
	var list []outreach.Fact
	add := func(name string, status outreach.FactStatus, value string) {
		list = append(list, outreach.Fact{
			Name: name, Status: status, Value: value, Quote: in.quote(), MessageID: in.MessageID,
			Source: "reply", Confidence: in.Read.Confidence, At: in.Now,
		})
	}
	if in.says(outreach.LabelMeeting) || in.says(outreach.LabelInterested) {
		add("interest", outreach.FactKnown, string(in.Read.Label))
	}
	switch {
	case in.Read.Budget != "":
		add("budget", outreach.FactKnown, in.Read.Budget)
	case in.says(outreach.LabelPrice):
		add("budget", outreach.FactDenied, "")
	}
	if in.says(outreach.LabelAuthority) {
		add("authority", outreach.FactDenied, "")
		if c := candidate(in, "referral"); c != nil {
			add("economic_buyer", outreach.FactKnown, named(c.Contact))
		}
	}
	if in.says(outreach.LabelStatusQuo) || in.Read.Competitor != "" {
		add("competition", outreach.FactKnown, in.Read.Competitor)
	}
	if day, known := timeline(in); known {
		add("timeline", outreach.FactKnown, day)
	}
	return list
}

func timeline(in Input) (day string, known bool) {
	switch {
	case in.Read.ContractEnd != nil:
		return "contract until " + in.Read.ContractEnd.String(), true
	case in.Read.FollowUpOn != nil:
		return "from " + in.Read.FollowUpOn.String(), true
	}
	return "", false
}

func named(c outreach.Contact) string {
	for _, known := range []string{c.Name, c.Email, c.Phone} {
		if known != "" {
			return known
		}
	}
	return c.Title
}
