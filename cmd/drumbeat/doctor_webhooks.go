package main

import (
	"fmt"
	"strings"

	"drumbeat/internal/app"
	"drumbeat/internal/sequence"
)

// webhooks tells what webhook steps name and the environment does not have: the
// leads would wait at such a step.
func (d *doctor) webhooks(team *app.Team) {
	set, _, err := sequence.Load(d.base.Sequences)
	if err != nil {
		return // files has told it
	}
	found := 0
	for _, s := range set.Sequences {
		for _, step := range s.Steps {
			if step.Webhook == nil {
				continue
			}
			found++
			check := fmt.Sprintf("webhook %s/%s", s.ID, step.ID)
			if missing := team.MissingNames(*step.Webhook); len(missing) > 0 {
				d.warn(check, strings.Join(missing, ", ")+" is not set, or is a name that webhooks may not use",
					"set it, or "+missing[0]+"_FILE, where the workers run")
			}
			if step.Webhook.Blocks() && d.base.Config.BaseURL == "" {
				d.warn(check, "it waits for a callback, and DRUMBEAT_BASE_URL is not set", "set it to the public https address of "+d.base.Config.PublicListen)
			}
		}
	}
	if found > 0 && d.base.Config.WebhookLoopback {
		d.warn("webhooks", "DRUMBEAT_WEBHOOK_LOOPBACK lets them reach this machine", "unset it where real mail goes out")
	}
}
