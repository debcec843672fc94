package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
	"drumbeat/internal/web"
)

func newSequencePreviewCommand() *cobra.Command {
	var who, page string
	var asJSON bool
	command := &cobra.Command{
		Use:   "preview SEQUENCE --lead LEAD",
		Short: "Show every mail of a sequence as a lead would get it",
		Long: `Show every mail of a sequence's current revision as a lead would get it: subject
and text part, and what is missing for a step to go out. --html writes a page with
both parts of every mail, to look at in a browser.`,
		Example: "  drumbeat sequence preview saas-founders --lead ann@acme.example\n" +
			"  drumbeat sequence preview saas-founders --lead ann@acme.example --html preview.html",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if who == "" {
				return errors.New("--lead names a lead by its address or number")
			}
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				seen, err := preview(ctx, base, outreach.SequenceID(args[0]), who)
				if err != nil {
					return err
				}
				if page != "" {
					if err := writePreviewPage(page, seen); err != nil {
						return unreachable(err)
					}
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), map[string]any{"sequence": args[0], "lead": who, "steps": previewToJSON(seen.steps)})
				}
				if page != "" {
					fmt.Fprintf(cmd.OutOrStdout(), "%s written to %s\n", counted(len(seen.steps), "step"), page)
					return nil
				}
				printPreview(cmd.OutOrStdout(), seen.steps)
				return nil
			})
		},
	}
	command.Flags().StringVar(&who, "lead", "", "lead for whom to render")
	command.Flags().StringVar(&page, "html", "", "write a page to this file instead")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

// previewed is a sequence as one lead would get it.
type previewed struct {
	sequence string
	revision int
	lead     outreach.Lead
	team     *app.Team
	mailbox  outreach.MailboxID // the sequence's first
	from     outbound.SenderIdentity
	steps    []outbound.PreviewedStep
}

func preview(ctx context.Context, base *app.Base, id outreach.SequenceID, who string) (previewed, error) {
	revision, err := base.DB.CurrentRevision(ctx, id)
	if err != nil {
		return previewed{}, err
	}
	p := previewed{sequence: string(id), revision: revision.Number}
	if p.lead, err = base.DB.FindLead(ctx, who); err != nil {
		return p, err
	}
	if p.team, err = base.LoadTeam(); err != nil {
		return p, bad(err)
	}
	if p.mailbox, p.from, err = firstSender(p.team, revision); err != nil {
		return p, err
	}
	url := ""
	if base.Config.BaseURL != "" {
		url = web.UnsubscribeURL(base.Config.BaseURL, "EXAMPLE")
	}
	p.steps, err = outbound.Preview(revision, p.lead, p.from, url)
	return p, err
}

// firstSender is the first mailbox of a sequence, and who it writes as.
func firstSender(team *app.Team, r outreach.Revision) (outreach.MailboxID, outbound.SenderIdentity, error) {
	parsed, diagnostics := sequence.Parse(string(r.SequenceID), []byte(r.Source))
	if strictyaml.HasErrors(diagnostics) {
		return "", outbound.SenderIdentity{}, fmt.Errorf("%w: %s", outreach.ErrInvalid, diagnostics[0].Message)
	}
	ids := parsed.Send.Mailboxes
	if len(ids) == 0 {
		ids = team.MailboxesOf(parsed.Owner)
	}
	for _, id := range ids {
		if from, ok := team.Sender(id); ok {
			return id, from, nil
		}
	}
	return "", outbound.SenderIdentity{}, fmt.Errorf("mailboxes of %s: %w", r.SequenceID, outreach.ErrNotFound)
}

// previewedJSON is a step of the JSON of preview.
type previewedJSON struct {
	Step    string `json:"step"`
	Wait    string `json:"wait"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
	Task    string `json:"task"`
	Webhook string `json:"webhook"`
	Needs   string `json:"needs"`
}

func previewToJSON(steps []outbound.PreviewedStep) []previewedJSON {
	all := make([]previewedJSON, len(steps))
	for i, s := range steps {
		all[i] = previewedJSON{string(s.ID), s.Wait, s.Content.Subject, s.Content.Text, s.Content.HTML, s.Task, s.Webhook, s.Needs}
	}
	return all
}

func printPreview(w io.Writer, steps []outbound.PreviewedStep) {
	for i, s := range steps {
		fmt.Fprintf(w, "── %d. %s", i+1, s.ID)
		if s.Wait != "" {
			fmt.Fprintf(w, ", after %s", s.Wait)
		}
		fmt.Fprintln(w)
		switch {
		case s.Needs != "":
			fmt.Fprintf(w, "NEEDS DATA: %s\n\n", printable(s.Needs))
		case s.Task != "":
			fmt.Fprintf(w, "Task: %s\n\n", printable(s.Task))
		case s.Webhook != "":
			fmt.Fprintf(w, "Webhook: %s\n\n", printable(s.Webhook))
		default:
			fmt.Fprintf(w, "Subject: %s\n\n%s\n\n", printable(s.Content.Subject), strings.TrimSpace(s.Content.Text))
		}
	}
}
