package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"drumbeat/internal/address"
	"drumbeat/internal/app"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

func newSuppressCommand() *cobra.Command {
	return needSubcommand(&cobra.Command{
		Use: "suppress", Short: "Keep addresses and domains from ever being mailed",
		Long: "Keep addresses and domains from ever being mailed. A domain stands for all hosts\nbelow it too: acme.example covers ann@de.acme.example. No import, no setting and no\nother command undoes a suppression.",
	}, newSuppressAddCommand(), newSuppressImportCommand(), newSuppressListCommand())
}

func newSuppressAddCommand() *cobra.Command {
	var reason string
	command := &cobra.Command{
		Use:     "add ADDRESS|DOMAIN...",
		Short:   "Suppress addresses and whole domains; their leads are stopped",
		Long:    "Suppress addresses and whole domains, and stop their leads. A domain stands for all\nhosts below it too.",
		Example: "  drumbeat suppress add ann@acme.example competitor.example --reason 'asked by phone'",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var all []postgres.Suppression
			for _, text := range args {
				s, err := readSuppression(text, reason, "command")
				if err != nil {
					return bad(err)
				}
				all = append(all, s)
			}
			return suppressAll(cmd, all)
		},
	}
	command.Flags().StringVar(&reason, "reason", "by hand", "why")
	return command
}

func newSuppressImportCommand() *cobra.Command {
	var reason string
	command := &cobra.Command{
		Use:   "import FILE",
		Short: "Suppress what a file lists, one address or domain a line",
		Long: `Suppress what a file lists, one address or domain a line. Blank lines and lines
that begin with # are passed over; of a CSV the first column counts. A line that is
neither address nor domain refuses the whole file (exit 1), so that nothing is
believed to be suppressed that is not.`,
		Example: "  drumbeat suppress import optouts.txt --reason 'from the old tool'",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := os.Open(args[0])
			if err != nil {
				return unreachable(err)
			}
			defer file.Close()
			all, err := readSuppressions(file, reason, args[0])
			if err != nil {
				return withCode(err)
			}
			return suppressAll(cmd, all)
		},
	}
	command.Flags().StringVar(&reason, "reason", "imported", "why")
	return command
}

func suppressAll(cmd *cobra.Command, all []postgres.Suppression) error {
	return withBase(cmd, func(ctx context.Context, base *app.Base) error {
		if err := base.DB.Suppress(ctx, all, actNow(base, "Suppressed by hand.")); err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s stored\n", counted(len(all), "suppression"))
		return nil
	})
}

// readSuppressions reads the lines of a file; all faulty lines are named at once.
func readSuppressions(r io.Reader, reason, source string) ([]postgres.Suppression, error) {
	var all []postgres.Suppression
	var faults []error
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), ",")
		text = strings.Trim(strings.TrimSpace(text), `"`)
		if text == "" || strings.HasPrefix(text, "#") || n == 1 && strings.EqualFold(text, "email") {
			continue
		}
		s, err := readSuppression(text, reason, source)
		if err != nil {
			faults = append(faults, fmt.Errorf("line %d: %w", n, err))
			continue
		}
		all = append(all, s)
	}
	return all, errors.Join(append(faults, lines.Err())...)
}

// readSuppression tells an address from a domain; @acme.example is a domain too.
func readSuppression(text, reason, source string) (postgres.Suppression, error) {
	text = strings.TrimSpace(text)
	if local, _, found := strings.Cut(text, "@"); found && local != "" {
		return postgres.Suppression{Kind: "address", Value: text, Reason: reason, Source: source}, address.Check(text)
	}
	domain := strings.TrimPrefix(text, "@")
	if err := address.Check("somebody@" + domain); err != nil {
		return postgres.Suppression{}, fmt.Errorf("%w: %q is neither an address nor a domain", outreach.ErrInvalid, text)
	}
	return postgres.Suppression{Kind: "domain", Value: domain, Reason: reason, Source: source}, nil
}

func newSuppressListCommand() *cobra.Command {
	var search string
	var limit int
	var asJSON bool
	command := &cobra.Command{
		Use: "list", Short: "List suppressions, newest first", Example: "  drumbeat suppress list --search acme", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				rows, err := base.DB.Suppressions(ctx, search, limit)
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), map[string]any{"suppressions": rows})
				}
				t := newTable(cmd.OutOrStdout(), "KIND", "VALUE", "REASON", "SOURCE", "SINCE")
				for _, row := range rows {
					t.row(row.Kind, row.Value, row.Reason, row.Source, moment(&row.At))
				}
				return t.flush()
			})
		},
	}
	command.Flags().StringVar(&search, "search", "", "only values that hold these words")
	limitFlag(command, &limit, 1000)
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}
