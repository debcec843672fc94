package outbound

import (
	"encoding/json"
	"errors"

	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
)

// webhookBody is the body that the step has in its file, or the event itself.
func (s *script) webhookBody(step outreach.StepID, due outreach.DueStep, from SenderIdentity, fields render.WebhookFields) ([]byte, error) {
	if body := s.bodies[step]; body != nil {
		return body.Render(render.LeadVars(due.Lead, from.Rep, from.Sender).WithWebhook(fields))
	}
	raw, err := json.Marshal(eventOf(due, fields))
	if err != nil {
		return nil, err
	}
	return render.InertJSON(raw), nil // a lead's data are no reference to the environment
}

// event is what is sent where a step gives no body. Names are added, never
// changed: others' programs read them.
type event struct {
	ID          string    `json:"id"`
	Type        string    `json:"type"` // always "step"
	At          string    `json:"at"`   // RFC 3339; when the step was due, the same on every attempt
	Sequence    string    `json:"sequence"`
	Step        string    `json:"step"`
	CallbackURL string    `json:"callback_url,omitempty"`
	Lead        eventLead `json:"lead"`
}

type eventLead struct {
	Email       string            `json:"email"`
	FirstName   string            `json:"first_name"`
	LastName    string            `json:"last_name"`
	Company     string            `json:"company"`
	Title       string            `json:"title"`
	Country     string            `json:"country"`
	Region      string            `json:"region"`
	Language    string            `json:"language"`
	LinkedInURL string            `json:"linkedin_url"`
	Phone       string            `json:"phone"`
	Industry    string            `json:"industry"`
	Employees   string            `json:"employees"`
	Source      string            `json:"source"`
	Custom      map[string]string `json:"custom"`
}

func eventOf(due outreach.DueStep, fields render.WebhookFields) event {
	l := due.Lead
	custom := l.Custom
	if custom == nil {
		custom = map[string]string{}
	}
	return event{
		ID: fields.EventID, Type: "step", At: fields.At, Sequence: fields.Sequence, Step: fields.Step, CallbackURL: fields.CallbackURL,
		Lead: eventLead{
			Email: l.Email, FirstName: l.FirstName, LastName: l.LastName, Company: l.Company, Title: l.Title, Country: l.Country,
			Region: l.Region, Language: l.Language, LinkedInURL: l.LinkedInURL, Phone: l.Phone, Industry: l.Industry,
			Employees: l.Employees, Source: l.Source, Custom: custom,
		},
	}
}

// cannotRender holds a step whose event cannot be made, until its data or the
// sequence is mended.
func cannotRender(err error) outreach.ClaimDecision {
	d := hold("cannot_be_rendered", err.Error())
	if needs := (*render.NeedsDataError)(nil); errors.As(err, &needs) {
		d.Hold = outreach.HoldNeedsData
	}
	return d
}
