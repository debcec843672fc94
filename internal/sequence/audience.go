package sequence

import (
	"fmt"
	"strings"

	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
	"drumbeat/internal/strictyaml"
)

// Audience says which leads of a list may enter. The zero Audience lets all enter.
type Audience struct {
	ICP           string        `json:"icp,omitempty"`          // icp/NAME.yaml beside the file; empty: no profile
	MinFit        int           `json:"min_fit,omitempty"`      // 0-100 by that profile; 0: any
	EmailStatus   []EmailStatus `json:"email_status,omitempty"` // empty: any
	Exclude       Exclude       `json:"exclude,omitzero"`
	MaxPerCompany int           `json:"max_per_company,omitempty"` // leads of one company at a time in this sequence; 0: any number
	Exclusive     bool          `json:"exclusive,omitempty"`       // no lead that another sequence still writes to
}

// Exclude names leads that stay out whatever they fit.
type Exclude struct {
	Lists           []string      `json:"lists,omitempty"`            // members of these lists
	ContactedWithin schedule.Wait `json:"contacted_within,omitempty"` // who got a step mail this recently, from any sequence
}

// EmailStatus is what a verification service said of an address, in the custom
// field email_status.
type EmailStatus string

// The statuses. EmailStatusOf folds the words of the services to them.
const (
	EmailValid   EmailStatus = "valid"
	EmailRisky   EmailStatus = "risky"   // accept-all servers, free mailboxes, role addresses
	EmailInvalid EmailStatus = "invalid" // known to bounce
	EmailUnknown EmailStatus = "unknown" // not verified, or a word that is not known
)

// EmailStatusOf folds what a verification service says to a status.
func EmailStatusOf(text string) EmailStatus {
	switch word := strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(strings.TrimSpace(text))); word {
	case "valid", "ok", "deliverable", "verified", "safe", "good":
		return EmailValid
	case "risky", "accept_all", "acceptall", "catch_all", "catchall", "webmail", "role", "role_based", "low_deliverability":
		return EmailRisky
	case "invalid", "undeliverable", "bounced", "disposable", "bad", "spamtrap", "do_not_mail":
		return EmailInvalid
	}
	return EmailUnknown
}

func audienceSchema() *strictyaml.Type {
	return strictyaml.Map("Which leads of a list may enter; who may not is skipped and counted by the reason.",
		strictyaml.Optional("icp", strictyaml.ID("The ideal client profile that scores a lead: icp/NAME.yaml beside the file.", "eu-saas")),
		strictyaml.Optional("min_fit", strictyaml.Int("The least score of the profile, out of 100.", 1, 100)),
		strictyaml.Optional("email_status", strictyaml.List("What the lead's email_status column may say.",
			strictyaml.Choice("A status.", string(EmailValid), string(EmailRisky), string(EmailUnknown), string(EmailInvalid)))),
		strictyaml.Optional("exclude", strictyaml.Map("Leads that stay out.",
			strictyaml.Optional("lists", strictyaml.List("The members of these lists.", strictyaml.Text("A list's name."))),
			strictyaml.Optional("contacted_within", strictyaml.Scalar("Who has had a mail of any sequence this recently.", CodeBadWait, "90d", parseDays)))),
		strictyaml.Optional("max_per_company", strictyaml.Int("How many leads of one company may be under way in the sequence at a time.", 1, 1000)),
		strictyaml.Optional("exclusive", strictyaml.Bool("Leave out leads that another sequence still writes to.")),
	)
}

func readAudience(doc *strictyaml.Document, v *strictyaml.Value) Audience {
	exclude := v.Get("exclude")
	a := Audience{
		ICP: v.Get("icp").Text(), MinFit: v.Get("min_fit").Int(), MaxPerCompany: v.Get("max_per_company").Int(), Exclusive: v.Get("exclusive").Bool(),
		Exclude: Exclude{Lists: exclude.Get("lists").Texts(), ContactedWithin: strictyaml.Read[schedule.Wait](exclude.Get("contacted_within"))},
	}
	for _, status := range v.Get("email_status").Texts() {
		a.EmailStatus = append(a.EmailStatus, EmailStatus(status))
	}
	if minFit := v.Get("min_fit"); minFit.Present() && v.Key("icp") == nil {
		doc.Report(v.Key("min_fit"), CodeFitWithoutICP, "add icp: with the name of a profile in icp/", "min_fit needs a profile to score by")
	}
	return a
}

// parseDays reads a wait that looks back: "90d", "2w".
func parseDays(text string) (schedule.Wait, error) {
	wait, err := schedule.ParseWait(text)
	if err == nil && wait.Days == 0 {
		err = fmt.Errorf("%q is not a number of days or weeks", text)
	}
	return wait, err
}

// Stop says what ends more than the enrolment of the lead who replied.
type Stop struct {
	WholeCompanyOn []outreach.Label `json:"whole_company_on,omitempty"`
}

func stopSchema() *strictyaml.Type {
	return strictyaml.Map("What ends more than one lead's enrolment.",
		strictyaml.Optional("whole_company_on", strictyaml.List("The replies that stop all leads of the company.", labelSchema())))
}
