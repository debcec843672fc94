package outreach

import (
	"strings"
	"time"
)

// Lead is a person we may write to.
type Lead struct {
	ID          LeadID
	Email       string // as given; AddressKey is what must be unique
	FirstName   string
	LastName    string
	Company     string
	Title       string
	Country     string // ISO 3166-1 alpha-2, upper case, or as given when unknown
	Region      string
	Timezone    string // IANA name from the lead's own column; empty when unknown
	Language    string // ISO 639-1
	LinkedInURL string
	Phone       string
	Industry    string
	Employees   string
	Source      string            // where the address came from
	Custom      map[string]string // further columns of the import, by their lower-case names

	Stage      Stage
	Stopped    StopReason // empty: mail may go
	PausedTill *time.Time // sales time; nil: not paused. A pause without an end is far in the future
	ReferredBy LeadID     // 0: nobody
}

// WithoutEnd is how long a pause lasts that only a person ends.
const WithoutEnd = 100 * 365 * 24 * time.Hour

// Name is how a person would address the lead in a list: the full name, else
// the address.
func (l Lead) Name() string {
	if name := strings.TrimSpace(l.FirstName + " " + l.LastName); name != "" {
		return name
	}
	return l.Email
}

// AddressKey folds an address to the key under which a lead, a suppression and
// a match are unique: lower case, surrounding space removed.
func AddressKey(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// Domain is the part of an address behind the last "@", in lower case.
func Domain(address string) string {
	_, domain, found := strings.Cut(AddressKey(address), "@")
	if !found {
		return ""
	}
	if i := strings.LastIndexByte(domain, '@'); i >= 0 {
		return domain[i+1:]
	}
	return domain
}

// HostAndAbove lists a host and the domains above it, as far as they have a dot: a
// suppressed domain covers all hosts below it.
func HostAndAbove(host string) []string {
	all := []string{host}
	for _, above, found := strings.Cut(host, "."); found && strings.Contains(above, "."); _, above, found = strings.Cut(above, ".") {
		all = append(all, above)
	}
	return all
}

// Stage is where a lead stands.
type Stage string

// The stages, in the order of a sale.
const (
	StageNew          Stage = "new"
	StageConnecting   Stage = "connecting"
	StageQualifying   Stage = "qualifying"
	StagePresenting   Stage = "presenting"
	StageClosing      Stage = "closing"
	StageWon          Stage = "won"
	StageLost         Stage = "lost"
	StageNurture      Stage = "nurture"
	StageDoNotContact Stage = "do_not_contact"
)

// Stages lists all stages in the order in which reports show them.
func Stages() []Stage {
	return []Stage{
		StageNew, StageConnecting, StageQualifying, StagePresenting, StageClosing,
		StageWon, StageLost, StageNurture, StageDoNotContact,
	}
}

// LeadFields lists the fields of a lead as files name them; further columns of an
// import are custom.NAME.
func LeadFields() []string {
	return []string{
		"email", "first_name", "last_name", "company", "title", "country", "region", "timezone",
		"language", "linkedin_url", "phone", "industry", "employees", "source",
	}
}

// Field is the value of a field by the name that files give it; empty for a name
// that is none.
func (l Lead) Field(name string) string {
	if column, custom := strings.CutPrefix(name, "custom."); custom {
		return l.Custom[column]
	}
	switch name {
	case "email":
		return l.Email
	case "first_name":
		return l.FirstName
	case "last_name":
		return l.LastName
	case "company":
		return l.Company
	case "title":
		return l.Title
	case "country":
		return l.Country
	case "region":
		return l.Region
	case "timezone":
		return l.Timezone
	case "language":
		return l.Language
	case "linkedin_url":
		return l.LinkedInURL
	case "phone":
		return l.Phone
	case "industry":
		return l.Industry
	case "employees":
		return l.Employees
	case "source":
		return l.Source
	}
	return ""
}
