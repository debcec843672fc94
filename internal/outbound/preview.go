package outbound

import (
	"errors"

	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/sequence"
)

// PreviewedStep is a step as a lead would get it.
type PreviewedStep struct {
	ID      outreach.StepID
	Wait    string           // from the step before; empty: none
	Content outreach.Content // of a mail
	Task    string           // the title of a manual step
	Webhook string           // the body of a webhook step: JSON; names of the environment stay names
	Needs   string           // what is missing; the lead would wait in "needs data"
}

// Preview renders every step of a revision for a lead. The unsubscribe address
// in it is an example and belongs to nobody.
func Preview(r outreach.Revision, lead outreach.Lead, from SenderIdentity, unsubscribeURL string) ([]PreviewedStep, error) {
	ready, err := parseRevision(r)
	if err != nil {
		return nil, err
	}
	var steps []PreviewedStep
	subject := ""
	for _, step := range ready.Steps {
		previewed := PreviewedStep{ID: step.ID}
		if !step.Wait.IsZero() {
			previewed.Wait = step.Wait.String()
		}
		switch {
		case step.Webhook != nil:
			previewed.Webhook, err = ready.previewWebhook(step, lead, from)
		case step.Task != nil:
			previewed.Task, err = ready.titles[step.ID].Render(ready.vars(choice{}, step.ID, lead, from))
		default:
			claim := outreach.Claimed{Send: outreach.Send{StepID: step.ID}, Due: outreach.DueStep{Lead: lead}}
			mail := outreach.Mail{
				UnsubscribeURL: unsubscribeURL, UnsubscribeMailto: render.UnsubscribeMailto(from.Address.Email, "EXAMPLE"),
			}
			previewed.Content, err = ready.content(claim, from, mail)
			if step.Email.Thread == sequence.ThreadReply && subject != "" {
				previewed.Content.Subject = render.ReplySubject(subject)
			}
			subject = previewed.Content.Subject
		}
		if needs := (*render.NeedsDataError)(nil); errors.As(err, &needs) {
			previewed.Needs = needs.Error()
		} else if err != nil {
			return nil, err
		}
		steps = append(steps, previewed)
	}
	return steps, nil
}

// previewWebhook is the body that a webhook step would send, with an event that
// does not exist.
func (s *script) previewWebhook(step sequence.Step, lead outreach.Lead, from SenderIdentity) (string, error) {
	fields := render.WebhookFields{EventID: "EXAMPLE", At: "EXAMPLE", Sequence: string(s.ID), Step: string(step.ID)}
	if step.Webhook.Blocks() {
		fields.CallbackURL = "EXAMPLE"
	}
	body, err := s.webhookBody(step.ID, outreach.DueStep{Lead: lead}, from, fields)
	return string(body), err
}
