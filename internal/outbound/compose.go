package outbound

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/sequence"
	"drumbeat/internal/token"
)

// Composer turns a claimed send into the bytes that go over the wire.
type Composer struct {
	Scripts *Scripts
	Build   Builder
	Senders map[outreach.MailboxID]SenderIdentity
	// UnsubscribeURL gives the one-click address of a token; nil without a public
	// base URL: then only the mailto form is offered.
	UnsubscribeURL func(token string) string
}

// SenderIdentity is who a mailbox writes as.
type SenderIdentity struct {
	Address   outreach.Address
	Rep       render.Rep
	Sender    render.Sender
	Signature *render.Template // nil: the rep's name
}

// Compose renders and builds the mail of a claim. A *render.NeedsDataError says
// that the lead's data do not suffice.
func (c *Composer) Compose(ctx context.Context, claim outreach.Claimed) (outreach.Envelope, outreach.Frozen, error) {
	identity, ok := c.Senders[claim.MailboxID]
	if !ok {
		return outreach.Envelope{}, outreach.Frozen{}, fmt.Errorf("mailbox %q is not in mailboxes.yaml", claim.MailboxID)
	}
	envelope := outreach.Envelope{From: identity.Address.Email, To: claim.To, Copy: c.copyOf(ctx, claim)}
	if claim.Frozen != nil {
		return envelope, *claim.Frozen, nil
	}
	mail, err := c.mail(ctx, claim, identity)
	if err != nil {
		return outreach.Envelope{}, outreach.Frozen{}, err
	}
	raw, err := c.Build(mail)
	if err != nil {
		return outreach.Envelope{}, outreach.Frozen{}, fmt.Errorf("build mail: %w", err)
	}
	return envelope, outreach.Frozen{Subject: mail.Subject, Raw: raw}, nil
}

// copyOf is who gets a blind copy: of a step's mail alone.
func (c *Composer) copyOf(ctx context.Context, claim outreach.Claimed) string {
	if claim.Purpose != outreach.PurposeStep {
		return ""
	}
	s, err := c.Scripts.get(ctx, claim.Due.Enrolment.RevisionID)
	if err != nil || outreach.AddressKey(s.Send.BCC) == outreach.AddressKey(claim.To) {
		return "" // a revision that cannot be read is told when the mail is rendered
	}
	return s.Send.BCC
}

func (c *Composer) mail(ctx context.Context, claim outreach.Claimed, from SenderIdentity) (outreach.Mail, error) {
	s, err := c.Scripts.get(ctx, claim.Due.Enrolment.RevisionID)
	if err != nil {
		return outreach.Mail{}, err
	}
	lead := claim.Due.Lead
	key := token.Of(claim.RFCMessageID)
	mail := outreach.Mail{
		From: from.Address, To: outreach.Address{Name: fullName(lead), Email: lead.Email}, ReplyTo: s.Send.ReplyTo,
		RFCMessageID: claim.RFCMessageID, Date: claim.ClaimedAt,
		UnsubscribeMailto: render.UnsubscribeMailto(from.Address.Email, key),
	}
	if c.UnsubscribeURL != nil {
		mail.UnsubscribeURL = c.UnsubscribeURL(key)
	}
	if mail.Content, err = s.content(claim, from, mail); err != nil {
		return outreach.Mail{}, err
	}
	step := s.Steps[claim.StepIndex]
	if thread := threadOf(s, claim); step.Email.Thread == sequence.ThreadReply && len(thread) > 0 {
		mail.Subject = render.ReplySubject(thread[0].Subject)
		mail.InReplyTo = thread[len(thread)-1].RFCMessageID
		for _, earlier := range thread {
			mail.References = append(mail.References, earlier.RFCMessageID)
		}
	}
	return mail, nil
}

// content renders the step for the lead, with the footer in both parts.
func (s *script) content(claim outreach.Claimed, from SenderIdentity, mail outreach.Mail) (outreach.Content, error) {
	step := s.Steps[slices.IndexFunc(s.Steps, func(step sequence.Step) bool { return step.ID == claim.StepID })]
	chosen := s.choose(step, claim.Due.Lead, claim.ClaimedAt)
	return s.mails[mailKey{step.ID, chosen.variant}].RenderMail(s.vars(chosen, step.ID, claim.Due.Lead, from), render.Footer{
		Signature: from.Signature, Language: claim.Due.Lead.Language,
		UnsubscribeURL: mail.UnsubscribeURL, UnsubscribeMailto: mail.UnsubscribeMailto,
	})
}

// threadOf is the conversation that a reply goes on with: the mails since the
// last one that began a thread.
func threadOf(s *script, claim outreach.Claimed) []outreach.Sent {
	start := 0
	for i, sent := range claim.Thread {
		if step := indexOf(s.Sequence, sent.StepID); step >= 0 && s.Steps[step].Email != nil && s.Steps[step].Email.Thread == sequence.ThreadNew {
			start = i
		}
	}
	return claim.Thread[start:]
}

// fullName is the display name of a lead; an address alone is better than one
// name twice.
func fullName(lead outreach.Lead) string {
	if name := lead.Name(); name != lead.Email {
		return name
	}
	return ""
}

// TaskTitle renders the title of a manual step; one that cannot be rendered is
// shown as it is written, because a rep reads it.
func (c *Composer) TaskTitle(ctx context.Context, due outreach.DueStep, step sequence.Step) string {
	s, err := c.Scripts.get(ctx, due.Enrolment.RevisionID)
	if err != nil {
		return step.Task.Title
	}
	from := c.Senders[due.Enrolment.MailboxID]
	title, err := s.titles[step.ID].Render(s.vars(choice{}, step.ID, due.Lead, from))
	if err != nil {
		return step.Task.Title
	}
	return title
}

// Holder holds a step that cannot be composed.
type Holder interface {
	HoldClaim(ctx context.Context, claim outreach.Claimed, reason outreach.HoldReason, note string, now time.Time) error
}

// cannotCompose holds the enrolment until its data, or the sequence, is mended:
// a mail with a hole never goes.
func (s *Sender) cannotCompose(ctx context.Context, claim outreach.Claimed, err error) error {
	if claim.Purpose != outreach.PurposeStep {
		return fmt.Errorf("compose %s: %w", claim.DedupeKey, err)
	}
	reason := outreach.HoldRep
	if needs := (*render.NeedsDataError)(nil); errors.As(err, &needs) {
		reason = outreach.HoldNeedsData
	}
	s.Logger.Warn("step held", "lead_id", claim.LeadID, "step", claim.StepID, "reason", reason, "error", err)
	return s.Holder.HoldClaim(ctx, claim, reason, err.Error(), s.Clock.Now())
}

// LoginError is an error of Transport that a retry does not help: the server
// does not want us.
type LoginError interface {
	error
	LoginRefused() bool
}

// noLine acts on a server that cannot be reached or does not let us in. The
// claims of the batch go back with the lease; no attempt is burnt. Steps wait for a
// person where the login is refused; what does not wait for that, a notice, tries it less
// and less often.
func (s *Sender) noLine(ctx context.Context, claim outreach.Claimed, err error) error {
	if refused := LoginError(nil); errors.As(err, &refused) && refused.LoginRefused() {
		refusal := outreach.Refusal{SendID: claim.ID, MailboxID: claim.MailboxID, At: s.Clock.Now(), Detail: err.Error(), StopMailbox: true}
		if _, err := s.Refusals.RecordRefusal(ctx, refusal); err != nil {
			return err
		}
		if err := s.Operators.MailboxStopped(ctx, claim.MailboxID, refusal.Detail); err != nil {
			return err
		}
		return s.rest(ctx, claim.MailboxID)
	}
	s.Logger.Warn("no connection", "mailbox", claim.MailboxID, "error", err)
	return s.rest(ctx, claim.MailboxID)
}
