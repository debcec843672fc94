package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// stopWithCompany stops leads, and with them all others of a company that are in
// a sequence: whole_company_on. Why says, for the others, what one of them did.
func stopWithCompany(ctx context.Context, tx *sqlx.Tx, stop leadStop, company, why string) error {
	others, err := lockCompany(ctx, tx, company, stop.IDs)
	if err != nil {
		return err
	}
	if err := stopLeads(ctx, tx, stop); err != nil {
		return err
	}
	stop.IDs, stop.Rule, stop.Detail = others, ruleWholeCompany, why
	return stopLeads(ctx, tx, stop)
}

const ruleWholeCompany = "whole_company_on"

// lockCompany locks leads and the others of their company that are in a sequence,
// all at once and by id, as every stop locks; it gives the others. An empty company
// has none.
func lockCompany(ctx context.Context, tx *sqlx.Tx, company string, ids []outreach.LeadID) ([]outreach.LeadID, error) {
	var others []outreach.LeadID
	if company == "" {
		return nil, nil
	}
	if err := tx.SelectContext(ctx, &others, `
		SELECT l.id FROM leads l
		WHERE `+atOrBelow("l.domain", "$1")+`
			AND NOT l.id = ANY($2) AND l.stopped = ''
			AND EXISTS (SELECT 1 FROM enrolments e WHERE e.lead_id = l.id AND e.state NOT IN ('stopped', 'finished'))
		ORDER BY l.id`, company, int64s(ids)); err != nil {
		return nil, fmt.Errorf("leads of the company: %w", err)
	}
	if err := lockLeads(ctx, tx, slices.Concat(ids, others)); err != nil {
		return nil, fmt.Errorf("lock leads of the company: %w", err)
	}
	return others, nil
}

// PlansOf gives the sequence files, in the revision it is on, of every sequence
// that a lead is or was in.
func (db *DB) PlansOf(ctx context.Context, id outreach.LeadID) ([]string, error) {
	var sources []string
	if err := db.SelectContext(ctx, &sources, `
		SELECT r.source FROM enrolments e JOIN revisions r ON r.id = e.revision_id WHERE e.lead_id = $1 ORDER BY e.id`, id); err != nil {
		return nil, fmt.Errorf("plans of lead %d: %w", id, err)
	}
	return sources, nil
}
