package app

import (
	"context"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
)

// TeamOf is the roster and the templates that lie beside some files.
func (b *Base) TeamOf(apply outbound.Apply) (*Team, error) {
	beside := *b
	beside.Sequences, beside.Templates = apply.Files, apply.Templates
	return beside.LoadTeam()
}

// LeadsOf are the leads of a list of the database.
func (b *Base) LeadsOf(ctx context.Context, list string) ([]outreach.Lead, error) {
	if _, err := b.DB.FindList(ctx, list); err != nil {
		return nil, err
	}
	var leads []outreach.Lead
	for lead, err := range b.DB.EachLead(ctx, list) {
		if err != nil {
			return nil, err
		}
		leads = append(leads, lead)
	}
	return leads, nil
}

// CheckAudience renders every step of a sequence for every lead.
func (t *Team) CheckAudience(ctx context.Context, b *Base, r outreach.Revision, leads []outreach.Lead, progress func(int)) (outbound.AudienceReport, error) {
	return outbound.Audience{Revision: r, Roster: t.Roster, Senders: t.senders, Now: b.Clock.Now(), Progress: progress}.Check(ctx, leads)
}
