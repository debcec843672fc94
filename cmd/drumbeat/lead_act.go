package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outreach"
)

// actOnLeads is a command that does one thing to the leads it names.
func actOnLeads(command *cobra.Command, said string, do func(ctx context.Context, base *app.Base, leads []outreach.Lead) error) *cobra.Command {
	command.Args = cobra.MinimumNArgs(1)
	command.RunE = func(cmd *cobra.Command, args []string) error {
		return withBase(cmd, func(ctx context.Context, base *app.Base) error {
			var leads []outreach.Lead
			for _, which := range args { // all are found before anything is done
				lead, err := base.DB.FindLead(ctx, which)
				if err != nil {
					return err
				}
				leads = append(leads, lead)
			}
			if err := do(ctx, base, leads); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s %s\n", counted(len(leads), "lead"), said)
			return nil
		})
	}
	return command
}

func idsOf(leads []outreach.Lead) []outreach.LeadID {
	ids := make([]outreach.LeadID, len(leads))
	for i, lead := range leads {
		ids[i] = lead.ID
	}
	return ids
}

func newLeadPauseCommand() *cobra.Command {
	var until, reason string
	command := actOnLeads(&cobra.Command{
		Use: "pause LEAD...", Short: "Let no mail go to leads for a while",
		Example: "  drumbeat lead pause ann@acme.example --until 2031-03-10 --reason 'on a fair'",
	}, "paused", func(ctx context.Context, base *app.Base, leads []outreach.Lead) error {
		end, err := pauseEnd(until, base.Clock.Now())
		if err != nil {
			return err
		}
		return base.DB.PauseLeads(ctx, idsOf(leads), end, actNow(base, reason))
	})
	command.Flags().StringVar(&until, "until", "", "day on which mail may go again, YYYY-MM-DD; none: until lead resume")
	command.Flags().StringVar(&reason, "reason", "", "why, for explain")
	return command
}

// pauseEnd is when a pause ends, by the day that --until names.
func pauseEnd(until string, now time.Time) (time.Time, error) {
	if until == "" {
		return now.Add(outreach.WithoutEnd), nil
	}
	day, err := outreach.ParseDay(until)
	if err != nil {
		return time.Time{}, usage(fmt.Errorf("--until %q is not a day like 2031-03-10", until))
	}
	end := day.Time(time.UTC)
	if !end.After(now) {
		return time.Time{}, usage(fmt.Errorf("--until %s is no day to come: nobody would be paused", until))
	}
	return end, nil
}

func newLeadResumeCommand() *cobra.Command {
	return actOnLeads(&cobra.Command{
		Use: "resume LEAD...", Short: "End a pause, or a hold that waits until a person has looked",
		Long: "End a pause of leads, and the holds that wait until a person has looked: a rep wrote\nto them by hand, data were missing for the next step, " +
			"or an answer could not be read\nat all. A stop is not undone by it.",
		Example: "  drumbeat lead resume ann@acme.example",
	}, "resumed", func(ctx context.Context, base *app.Base, leads []outreach.Lead) error {
		for _, lead := range leads {
			if lead.Stopped != "" {
				return bad(&outreach.Problem{Code: "LEAD_STOPPED", Detail: fmt.Sprintf("%s is stopped (%s), and a stop is not undone; nobody was resumed", lead.Email, lead.Stopped),
					Fix: "drumbeat explain " + lead.Email + " tells why"})
			}
		}
		return base.DB.ResumeLeads(ctx, idsOf(leads), actNow(base, ""))
	})
}

func newLeadStopCommand() *cobra.Command {
	var reason string
	command := actOnLeads(&cobra.Command{
		Use: "stop LEAD...", Short: "Stop leads for good",
		Long: "Stop leads for good: planned mails are cancelled, all their sequences end. A mail\n" +
			"whose final dot is under way at this moment is not called back.",
		Example: "  drumbeat lead stop ann@acme.example --reason 'a customer now'",
	}, "stopped", func(ctx context.Context, base *app.Base, leads []outreach.Lead) error {
		return base.DB.StopLeads(ctx, idsOf(leads), outreach.StopByRep, actNow(base, reason))
	})
	command.Flags().StringVar(&reason, "reason", "", "why, for explain")
	return command
}

func newLeadEraseCommand() *cobra.Command {
	var sure bool
	command := &cobra.Command{
		Use:   "erase LEAD",
		Short: "Delete everything about a lead",
		Long: `Delete everything about a lead: profile, enrolments, mails, answers, facts, events.

What stays is one suppression of the bare address, without which the next import
would bring the lead back and mail them again. drumbeat suppress list shows it. Mails
that wait to be filed in a Sent folder go too, on other machines within a minute;
what lies in a mailbox already is for you to delete. It cannot be undone, so it
needs --yes.`,
		Example: "  drumbeat lead erase ann@acme.example --yes",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !sure {
				return errors.New("erasing cannot be undone: add --yes")
			}
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				lead, err := base.DB.FindLead(ctx, args[0])
				if err != nil {
					return err
				}
				if err := base.EraseLead(ctx, lead); err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), "erased; the suppression of the address stays")
				return nil
			})
		},
	}
	command.Flags().BoolVar(&sure, "yes", false, "really erase")
	return command
}
