package mailer_test

import (
	"slices"
	"testing"

	"drumbeat/internal/outreach"
)

func TestABlindCopyNeverDecidesWhatBecomesOfTheMail(t *testing.T) {
	const refused = "RCPT TO:<crm@ours.example>"
	for name, test := range map[string]struct {
		answers map[string]string
		want    outreach.Delivery
		mails   int
	}{
		"taken":                {nil, outreach.DeliveryAccepted, 1},
		"refused":              {map[string]string{refused: "550 5.1.1 unknown"}, outreach.DeliveryAccepted, 1},
		"shutting down":        {map[string]string{refused: "421 4.3.2 bye"}, outreach.DeliveryDeferred, 0},
		"the lead is refused":  {map[string]string{"RCPT TO:<jo@lead.example>": "550 5.1.1 unknown"}, outreach.DeliveryRefused, 0},
		"an address for UTF-8": {nil, outreach.DeliveryAccepted, 1},
	} {
		for mode, hello := range modes {
			t.Run(name+", "+mode, func(t *testing.T) {
				answers := map[string]string{"EHLO": hello}
				for line, answer := range test.answers {
					answers[line] = answer
				}
				s := serve(t, answers)
				conn := s.open(t)
				to := envelope
				to.Copy = "crm@ours.example"
				if name == "an address for UTF-8" {
					to.Copy = "jürgen@ours.example"
				}
				result := conn.Deliver(t.Context(), to, []byte(rawMail), yes)
				if result.Delivery != test.want {
					t.Errorf("%+v, want %s", result, test.want)
				}
				conn.Quit()
				commands, mails, _ := s.seen()
				if len(mails) != test.mails {
					t.Errorf("%d mails, want %d: %q", len(mails), test.mails, commands)
				}
				if asked := slices.Contains(commands, refused); asked != (to.Copy == "crm@ours.example" && (test.want != outreach.DeliveryRefused || mode == "pipelined")) {
					t.Errorf("asked for the copy: %t; %q", asked, commands)
				}
			})
		}
	}
}
