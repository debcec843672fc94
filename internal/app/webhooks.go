package app

import (
	"slices"
	"strings"

	"drumbeat/internal/config"
	"drumbeat/internal/inbound"
	"drumbeat/internal/outbound"
	"drumbeat/internal/roster"
	"drumbeat/internal/sequence"
	"drumbeat/internal/signature"
	"drumbeat/internal/token"
	"drumbeat/internal/web"
)

// hooks makes the events of webhook steps.
func (b *Base) hooks(scripts *outbound.Scripts, team *Team) *outbound.Hooks {
	keys := token.NewKeys(b.Secret)
	h := &outbound.Hooks{
		Scripts: scripts, Senders: team.senders,
		EventID: keys.Event,
	}
	if b.Config.BaseURL != "" {
		h.CallbackURL = func(event string) string { return web.CallbackURL(b.Config.BaseURL, keys.Callback(event)) }
	}
	return h
}

// Callbacks moves on what waits for another service.
func (b *Base) Callbacks() *outbound.Callbacks {
	return &outbound.Callbacks{
		Clock: b.Clock, Decider: &outbound.Decider{Scripts: &outbound.Scripts{Revisions: b.DB}},
		Verify: token.NewKeys(b.Secret).VerifyCallback, Answers: b.DB, Logger: b.Logger,
	}
}

// leadStops takes in what other programs say about leads; nil without a secret to
// know them by.
func (b *Base) leadStops() web.LeadStops {
	key, err := signature.Key(b.Config.HookSecret)
	if err != nil { // config has refused one that is set and no good
		return nil
	}
	return &inbound.LeadStops{Key: key, Store: b.DB, Clock: b.Clock, Log: b.Logger}
}

// MissingNames lists what a webhook step names and the environment here does not
// have, or does not give to webhooks.
func (t *Team) MissingNames(hook sequence.Webhook) []string {
	environment := t.environment()
	var missing []string
	for _, name := range hook.Names() {
		if _, ok := environment(name); !ok {
			missing = append(missing, name)
		}
	}
	return missing
}

// environment is what sequence files may name: the environment but for what is
// Drumbeat's own. A sequence that sends our database's password to somebody is a
// mistake or worse, and never what was meant.
func (t *Team) environment() outbound.Environment {
	own := config.Names()
	for _, m := range t.Mailboxes {
		secrets := []roster.Secret{m.SMTP.User, m.SMTP.Password}
		if m.IMAP != nil {
			secrets = append(secrets, m.IMAP.User, m.IMAP.Password)
		}
		for _, s := range secrets {
			own = append(own, s.Names()...)
		}
	}
	return func(name string) (string, bool) {
		if slices.Contains(own, strings.TrimSuffix(name, "_FILE")) || slices.Contains(own, name) {
			return "", false
		}
		return secret(name)
	}
}
