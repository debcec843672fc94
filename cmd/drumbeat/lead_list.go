package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/leadfile"
	"drumbeat/internal/outreach"
)

func newLeadListCommand() *cobra.Command {
	var filter outreach.LeadFilter
	var asJSON bool
	command := &cobra.Command{
		Use:     "list",
		Short:   "List leads, newest first",
		Example: "  drumbeat lead list --stage qualifying\n  drumbeat lead list --list march --search acme --limit 500",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("--stage", filter.Stage, outreach.Stages()); err != nil {
				return err
			}
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				if err := listIsThere(ctx, base, filter.List); err != nil {
					return err
				}
				leads, err := base.DB.Leads(ctx, filter)
				if err != nil {
					return err
				}
				if asJSON {
					return writeLeadsJSON(cmd.OutOrStdout(), leads)
				}
				return printLeads(cmd.OutOrStdout(), leads)
			})
		},
	}
	command.Flags().StringVar((*string)(&filter.Stage), "stage", "", "only leads in this stage")
	command.Flags().StringVar(&filter.List, "list", "", "only leads of this list")
	command.Flags().StringVar(&filter.Search, "search", "", "only leads with these words in name, company or address")
	limitFlag(command, &filter.Limit, 100)
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

// listIsThere refuses the name of a list that does not exist; empty is all leads.
func listIsThere(ctx context.Context, base *app.Base, list string) error {
	if list == "" {
		return nil
	}
	_, err := base.DB.FindList(ctx, list)
	if !errors.Is(err, outreach.ErrNotFound) {
		return err
	}
	names, listErr := base.DB.ListNames(ctx)
	if listErr != nil {
		return listErr
	}
	return bad(&outreach.Problem{Code: "NOT_FOUND", Detail: err.Error(), Fix: waysToList(list, names)})
}

// waysToList says how there comes to be a list of that name, and which there are.
func waysToList(list string, names []string) string {
	fix := fmt.Sprintf("drumbeat lead import FILE.csv --list %s makes it", list)
	if len(names) > 0 {
		fix += "; there is: " + strings.Join(names, ", ")
	}
	return fix
}

func writeLeadsJSON(w io.Writer, leads []outreach.LeadView) error {
	all := make([]leadJSON, len(leads))
	for i, lead := range leads {
		all[i] = leadToJSON(lead.Lead)
		all[i].Sequence, all[i].EnrolmentState = string(lead.SequenceID), string(lead.State)
	}
	return writeJSON(w, map[string]any{"leads": all})
}

func printLeads(w io.Writer, leads []outreach.LeadView) error {
	t := newTable(w, "ID", "LEAD", "COMPANY", "STAGE", "SEQUENCE", "STATE", "NEXT", "LAST ANSWER")
	for _, lead := range leads {
		stage := string(lead.Stage)
		if lead.Stopped != "" {
			stage += ", " + string(lead.Stopped)
		}
		next := ""
		if lead.State == outreach.EnrolmentActive {
			next = moment(lead.DueAt)
		}
		t.row(fmt.Sprint(lead.ID), lead.Email, lead.Company, stage, string(lead.SequenceID), string(lead.State), next, string(lead.LastLabel))
	}
	return t.flush()
}

// leadJSON is a lead as commands print it.
type leadJSON struct {
	ID             int64             `json:"id"`
	Email          string            `json:"email"`
	FirstName      string            `json:"first_name"`
	LastName       string            `json:"last_name"`
	Company        string            `json:"company"`
	Title          string            `json:"title"`
	Country        string            `json:"country"`
	Region         string            `json:"region"`
	Timezone       string            `json:"timezone"`
	Language       string            `json:"language"`
	LinkedInURL    string            `json:"linkedin_url"`
	Phone          string            `json:"phone"`
	Industry       string            `json:"industry"`
	Employees      string            `json:"employees"`
	Source         string            `json:"source"`
	Custom         map[string]string `json:"custom"`
	Stage          string            `json:"stage"`
	Stopped        string            `json:"stopped"`
	PausedUntil    string            `json:"paused_until,omitempty"`
	Sequence       string            `json:"sequence,omitempty"`
	EnrolmentState string            `json:"enrolment_state,omitempty"`
}

func leadToJSON(l outreach.Lead) leadJSON {
	return leadJSON{
		ID: int64(l.ID), Email: l.Email, FirstName: l.FirstName, LastName: l.LastName, Company: l.Company, Title: l.Title,
		Country: l.Country, Region: l.Region, Timezone: l.Timezone, Language: l.Language, LinkedInURL: l.LinkedInURL,
		Phone: l.Phone, Industry: l.Industry, Employees: l.Employees, Source: l.Source, Custom: l.Custom,
		Stage: string(l.Stage), Stopped: string(l.Stopped), PausedUntil: rfc3339(l.PausedTill),
	}
}

func newLeadExportCommand() *cobra.Command {
	var list string
	command := &cobra.Command{
		Use:   "export",
		Short: "Write leads as a CSV that import reads",
		Long: `Write leads to stdout as a CSV that lead import reads again, with stage and stopped
(which it passes over).
Cells that a spreadsheet would run as a formula are guarded with an apostrophe.`,
		Example: "  drumbeat lead export --list march > march.csv",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				return exportLeads(ctx, cmd.OutOrStdout(), base, list)
			})
		},
	}
	command.Flags().StringVar(&list, "list", "", "only leads of this list")
	return command
}

// exportLeads goes through the leads twice: the first time for the names of the
// custom columns.
func exportLeads(ctx context.Context, w io.Writer, base *app.Base, list string) error {
	if err := listIsThere(ctx, base, list); err != nil {
		return err
	}
	names := make(map[string]bool)
	for lead, err := range base.DB.EachLead(ctx, list) {
		if err != nil {
			return err
		}
		for name := range lead.Custom {
			names[name] = true
		}
	}
	custom := slices.Sorted(maps.Keys(names))
	out := leadfile.NewWriter(w)
	if err := out.Write(append(append(outreach.LeadFields(), custom...), leadfile.StageColumn, leadfile.StoppedColumn)...); err != nil {
		return err
	}
	for l, err := range base.DB.EachLead(ctx, list) {
		if err != nil {
			return err
		}
		var cells []string
		for _, name := range outreach.LeadFields() {
			cells = append(cells, l.Field(name))
		}
		for _, name := range custom {
			cells = append(cells, l.Custom[name])
		}
		if err := out.Write(append(cells, string(l.Stage), string(l.Stopped))...); err != nil {
			return err
		}
	}
	return out.Flush()
}
