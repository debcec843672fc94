package outreach

// Label is what a message from a lead was understood to say. The meaning of
// each label is fixed in docs/LABELS.md.
type Label string

// The eleven labels told from a message's words, and the four told from its
// structure (RFC 3464, RFC 5965).
const (
	LabelMeeting     Label = "meeting"
	LabelInterested  Label = "interested"
	LabelPrice       Label = "price"
	LabelAuthority   Label = "authority"
	LabelStatusQuo   Label = "status_quo"
	LabelBrushOff    Label = "brush_off"
	LabelUnsubscribe Label = "unsubscribe"
	LabelOutOfOffice Label = "out_of_office"
	LabelLeftCompany Label = "left_company"
	LabelAutoReply   Label = "auto_reply"
	LabelUnclear     Label = "unclear"

	LabelBounceHard  Label = "bounce_hard"
	LabelBounceSoft  Label = "bounce_soft"
	LabelBounceBlock Label = "bounce_block"
	LabelComplaint   Label = "complaint"
)

// WordLabels lists the labels that a text can have, in the order in which
// reports show them.
func WordLabels() []Label {
	return []Label{
		LabelMeeting, LabelInterested, LabelPrice, LabelAuthority, LabelStatusQuo, LabelBrushOff,
		LabelUnsubscribe, LabelOutOfOffice, LabelLeftCompany, LabelAutoReply, LabelUnclear,
	}
}

// AllLabels lists every label, those of structure last.
func AllLabels() []Label {
	return append(WordLabels(), LabelBounceHard, LabelBounceSoft, LabelBounceBlock, LabelComplaint)
}

// Objection tells whether the label is one of the four objections.
func (l Label) Objection() bool {
	switch l {
	case LabelPrice, LabelAuthority, LabelStatusQuo, LabelBrushOff:
		return true
	}
	return false
}

// Positive tells whether the lead wants to go on talking.
func (l Label) Positive() bool { return l == LabelMeeting || l == LabelInterested }

// Bounce tells whether the label says that a mail was not delivered.
func (l Label) Bounce() bool {
	return l == LabelBounceHard || l == LabelBounceSoft || l == LabelBounceBlock
}

// Kind is the nature of an inbound message, told from its structure.
type Kind string

// The kinds, in the order in which they are tested.
const (
	KindComplaint Kind = "complaint"
	KindBounce    Kind = "bounce"
	KindAutomatic Kind = "automatic"
	KindHuman     Kind = "human"
)
