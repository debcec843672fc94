package outreach

// Advice is a second opinion about what a reply means.
type Advice struct {
	Label      Label   `json:"label,omitempty"`
	Confidence float64 `json:"confidence,omitempty"` // the adviser's own, 0..1
	Quote      string  `json:"quote,omitempty"`      // the words of the reply that decided it
	Model      string  `json:"model,omitempty"`      // who gave it
	Failed     string  `json:"failed,omitempty"`     // why there is none; then all else is empty
}
