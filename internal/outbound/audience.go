package outbound

import (
	"context"
	"fmt"
	"slices"
	"time"

	"drumbeat/internal/address"
	"drumbeat/internal/icp"
	"drumbeat/internal/outreach"
	"drumbeat/internal/sequence"
)

// Why a lead is not in the audience of a sequence.
const (
	reasonExcluded    outreach.Reason = "on_excluded_list"
	reasonContacted   outreach.Reason = "contacted_recently"
	reasonElsewhere   outreach.Reason = "in_another_sequence"
	reasonEmailStatus outreach.Reason = "email_status"
	reasonUnfit       outreach.Reason = "below_min_fit"
	reasonCompanyFull outreach.Reason = "company_has_enough"
)

// emailStatusColumn is the custom field in which lists bring a verifier's word.
const emailStatusColumn = "email_status"

// door says who of a list may enter a sequence. It counts those whom it lets in,
// so that max_per_company holds within one list too.
type door struct {
	sequence.Audience
	profile   *icp.Profile   // nil: nobody is scored
	companies map[string]int // leads under way, by registrable domain
}

// query asks for what the door wants to know about candidates.
func (d *door) query(q outreach.EnrolQuery, now time.Time) outreach.EnrolQuery {
	q.ExcludedLists = d.Exclude.Lists
	if wait := d.Exclude.ContactedWithin; !wait.IsZero() {
		since := now.AddDate(0, 0, -wait.Days)
		q.ContactedSince = &since
	}
	return q
}

// look reads how many leads of the companies of a page are under way.
func (d *door) look(ctx context.Context, store EnrolStore, id outreach.SequenceID, page []outreach.EnrolCandidate) error {
	if d.MaxPerCompany == 0 {
		return nil
	}
	var companies []string
	for _, c := range page {
		company := address.Company(c.Lead.Email)
		if _, known := d.companies[company]; company != "" && !known && !slices.Contains(companies, company) {
			companies = append(companies, company)
		}
	}
	if len(companies) == 0 {
		return nil
	}
	loads, err := store.CompanyLoads(ctx, id, companies)
	if err != nil {
		return err
	}
	for _, company := range companies {
		d.companies[company] = loads[company]
	}
	return nil
}

// refuse says why a candidate stays out, and in words how well one fits the profile.
func (d *door) refuse(c outreach.EnrolCandidate) (reason outreach.Reason, fit string) {
	switch {
	case c.Excluded:
		return reasonExcluded, ""
	case c.Contacted:
		return reasonContacted, ""
	case d.Exclusive && c.Elsewhere:
		return reasonElsewhere, ""
	case len(d.EmailStatus) > 0 && !slices.Contains(d.EmailStatus, sequence.EmailStatusOf(c.Lead.Custom[emailStatusColumn])):
		return reasonEmailStatus, fmt.Sprintf("The list says %q.", c.Lead.Custom[emailStatusColumn])
	}
	if d.profile != nil {
		score := d.profile.Score(c.Lead)
		if fit = " " + score.String(); score.Points < d.MinFit || score.Disqualified != "" {
			return reasonUnfit, fit
		}
	}
	if company := address.Company(c.Lead.Email); d.MaxPerCompany > 0 && company != "" && d.companies[company] >= d.MaxPerCompany {
		return reasonCompanyFull, ""
	}
	return outreach.ReasonNone, fit
}

// enter counts a lead who was let in.
func (d *door) enter(lead outreach.Lead) {
	if company := address.Company(lead.Email); d.MaxPerCompany > 0 && company != "" {
		d.companies[company]++
	}
}

// newDoor opens the door of a revision.
func newDoor(s *script) *door {
	return &door{Audience: s.Audience, profile: s.profile, companies: make(map[string]int)}
}
