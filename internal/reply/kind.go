package reply

// decideKind tests the kinds in the order in which they deceive: reports carry
// the headers of automatic mail, and automatic mail quotes people. A challenge
// ("your mail is held until you click") reads like a bounce but for its
// request. What no machine wrote is human.
func (m *Message) decideKind(mime envelope, body string) {
	if m.complaint(mime) {
		return
	}
	m.Challenge = len(structuredReports(mime)) == 0 && m.challenge()
	switch {
	case !m.Challenge && m.bounce(mime, body), m.automatic():
	default:
		m.KindRules = append(m.KindRules, "human: no sign of a machine")
		m.InnerMessageIDs = messageIDs(bodyIDs(m.Quoted + "\n" + m.Forwarded)...)
	}
}
