package outreach

// Contact is a person whom a message names: the one to talk to instead, the
// delegate of an absence, the successor.
type Contact struct {
	Name  string
	Email string
	Phone string
	Title string
}

// Empty tells whether nothing is known.
func (c Contact) Empty() bool { return c == Contact{} }
