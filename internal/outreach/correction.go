package outreach

import "time"

// Correction is a message whose label a person put right: what the classifier
// can learn from.
type Correction struct {
	MessageID  MessageID
	Raw        []byte // as received
	ReceivedAt time.Time
	Label      Label // what the person said
}
