package inbound

import (
	"context"
	"fmt"
	"slices"

	"drumbeat/internal/outreach"
)

// Correct says what a message really means. What follows from the label is
// applied anew, what followed from the wrong one is taken back as far as nobody
// has acted on it. A stop stays: nothing restarts by itself.
func (p *Processor) Correct(ctx context.Context, id outreach.MessageID, label outreach.Label, by string) error {
	if !slices.Contains(outreach.AllLabels(), label) {
		return fmt.Errorf("%w: %q is no label", outreach.ErrInvalid, label)
	}
	m, err := p.Store.Message(ctx, id)
	if err != nil {
		return err
	}
	outcome, err := p.decide(ctx, m, func(c *Case) {
		c.By, c.Rule = by, "person"
		c.Read.Label, c.Read.Confidence, c.Read.Abstained = label, 1, false
		c.Read.OptOutRule, c.Read.OptOut = label == outreach.LabelUnsubscribe, 0
	})
	if err != nil {
		return fmt.Errorf("decide anew about message %d: %w", id, err)
	}
	applied, err := p.Store.CorrectMessage(ctx, outcome)
	if err != nil {
		return err
	}
	if !applied {
		return fmt.Errorf("%w: message %d is not understood yet", outreach.ErrInvalid, id)
	}
	p.told(ctx, outcome)
	return nil
}

// Unsubscribe suppresses whom the mail of a token went to. It is what the page
// and one-click (RFC 8058) call: as often as they like, and for a token that is
// not ours the answer is the same, so that nobody can find out which are.
func (p *Processor) Unsubscribe(ctx context.Context, token string) error {
	tokens := p.Tokens.Find(token)
	if len(tokens) != 1 {
		return nil
	}
	sent, err := p.Store.SentByToken(ctx, tokens)
	if err != nil {
		return fmt.Errorf("look up token: %w", err)
	}
	ref, ours := sent[tokens[0]]
	if !ours {
		return nil // the lead was erased
	}
	now, others := p.Clock.Now(), ""
	if ref.LeadID != 0 {
		situation, err := p.Store.Situation(ctx, ref.MailboxID, outreach.Match{LeadID: ref.LeadID, EnrolmentID: ref.EnrolmentID}, now)
		if err != nil {
			return fmt.Errorf("opt out: %w", err)
		}
		others = companyToStop(outreach.LabelUnsubscribe, situation.Lead.Email, situation.Source)
	}
	if err := p.Store.OptOut(ctx, ref.SendID, others, "unsubscribe page", now); err != nil {
		return fmt.Errorf("opt out: %w", err)
	}
	p.harmed(ctx, ref.LeadID)
	return nil
}

// companyToStop is the company whose other leads are stopped when one of them says
// what a label means, by whole_company_on of the sequences that it is in; empty:
// none. A free-mail provider is no company.
func companyToStop(label outreach.Label, email string, sources ...string) string {
	for _, source := range sources {
		if slices.Contains(planOf(source).Stop.WholeCompanyOn, label) {
			return company(email)
		}
	}
	return ""
}
