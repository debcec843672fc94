package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"drumbeat/internal/address"
	"drumbeat/internal/app"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
)

func newSequenceTestSendCommand() *cobra.Command {
	var who, to, step, from string
	var asJSON bool
	command := &cobra.Command{
		Use:   "test-send SEQUENCE --lead LEAD --to ADDRESS",
		Short: "Mail the steps of a sequence to yourself, as a lead would get them",
		Long: `Mail the steps of a sequence's current revision to yourself, as a lead would get
them, from the mailbox that would send them: the way to see what your mail program
and your spam filter make of it. The subject begins with [test].

The mails go through the engine and stand in the ledger with the purpose test. They
count under no cap, the lead hears nothing, and no step goes out with them.`,
		Example: "  drumbeat sequence test-send saas-founders --lead ann@acme.example --to me@yourcompany.example\n" +
			"  drumbeat sequence test-send saas-founders --lead ann@acme.example --to me@yourcompany.example --step bump",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if who == "" || to == "" {
				return errors.New("--lead names a lead for whom to render, --to who gets the mails")
			}
			if err := address.Check(to); err != nil {
				return fmt.Errorf("--to %q is not an address like me@yourcompany.example", to)
			}
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				mails, err := testSend(ctx, base, args[0], who, to, step, outreach.MailboxID(from))
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), testMailsToJSON(args[0], to, mails))
				}
				good := true
				for _, m := range mails {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %s\n", m.Step, printable(m.Subject), answered(m))
					good = good && m.State == outreach.SendSent
				}
				if !good {
					return bad(&outreach.Problem{
						Code: "NOT_ALL_SENT", Detail: "not all went; what is planned goes out of serve as soon as the mailbox's server takes it",
						Fix: "drumbeat doctor says what keeps the mailbox from sending",
					})
				}
				return nil
			})
		},
	}
	command.Flags().StringVar(&who, "lead", "", "lead for whom to render")
	command.Flags().StringVar(&to, "to", "", "address that gets the mails")
	command.Flags().StringVar(&step, "step", "", "only this step (default: all email steps)")
	command.Flags().StringVar(&from, "mailbox", "", "mailbox to send from (default: the sequence's first)")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

func testSend(ctx context.Context, base *app.Base, sequence, who, to, step string, from outreach.MailboxID) ([]app.TestMail, error) {
	seen, err := preview(ctx, base, outreach.SequenceID(sequence), who)
	if err != nil {
		return nil, err
	}
	var chosen []outbound.PreviewedStep
	for _, s := range seen.steps {
		switch {
		case step != "" && string(s.ID) != step:
			continue
		case s.Needs != "":
			return nil, bad(&outreach.Problem{
				Code: "NEEDS_DATA", Detail: fmt.Sprintf("%s cannot go to this lead: %s", s.ID, s.Needs),
				Fix: "fill the field in and import the list again, take another lead, or send one step with --step",
			})
		case s.Content.Subject == "":
			continue // a task, a webhook
		}
		chosen = append(chosen, s)
	}
	if len(chosen) == 0 {
		return nil, bad(fmt.Errorf("%s has no email step %s", sequence, step))
	}
	if from == "" {
		from = seen.mailbox
	}
	return base.TestSend(ctx, seen.team, from, to, chosen)
}

// answered is the state of a test mail, with the server's words where it said any.
func answered(m app.TestMail) string {
	if m.Answer == "" {
		return string(m.State)
	}
	return fmt.Sprintf("%s (%s)", m.State, printable(m.Answer))
}

func testMailsToJSON(sequence, to string, mails []app.TestMail) any {
	type mailJSON struct {
		Step    string `json:"step"`
		Subject string `json:"subject"`
		State   string `json:"state"`
		Answer  string `json:"answer"`
	}
	all := []mailJSON{}
	for _, m := range mails {
		all = append(all, mailJSON{string(m.Step), m.Subject, string(m.State), m.Answer})
	}
	return map[string]any{"sequence": sequence, "to": to, "mails": all}
}
