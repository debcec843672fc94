package reply

// decideKind tests the kinds in the order in which they deceive: reports carry
// the headers of automatic mail, and automatic mail quotes people. What no
// machine wrote is human.
func (m *Message) decideKind(mime envelope, body string) {
	switch {
	case m.complaint(mime), m.bounce(mime, body), m.automatic():
	default:
		m.KindRules = append(m.KindRules, "human: no sign of a machine")
	}
}
