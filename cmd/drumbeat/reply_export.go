package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/mail"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/classify"
	"drumbeat/internal/classify/learn"
	"drumbeat/internal/outreach"
	"drumbeat/internal/reply"
)

func newReplyExportCommand() *cobra.Command {
	out := ""
	command := &cobra.Command{
		Use:   "export-cases",
		Short: "Write the replies whose labels were corrected, for training",
		Long: `Write the replies whose labels were corrected as cases, one JSON line each, in the
form that "reply train" and "reply eval" read (docs/LABELS.md). They hold what
leads wrote: treat the file as you treat the mailbox. A lead's replies leave with
"lead erase".`,
		Example: "  drumbeat reply export-cases --out cases.jsonl\n  drumbeat reply train --out model.bin cases.jsonl",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				if out == "" {
					_, err := exportCases(ctx, base, cmd.OutOrStdout())
					return err
				}
				return exportFile(ctx, base, out, cmd.OutOrStdout())
			})
		},
	}
	command.Flags().StringVar(&out, "out", "", "the file to write; without it the cases go to standard output")
	return command
}

// exportFile writes the cases to a file that only its owner can read.
func exportFile(ctx context.Context, base *app.Base, name string, told io.Writer) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return unreachable(err)
	}
	n, err := exportCases(ctx, base, f)
	if closed := f.Close(); err == nil && closed != nil {
		return unreachable(closed)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(told, "%s: %d cases; drumbeat reply train --out model.bin %s learns from them\n", name, n, name)
	return err
}

// corrections is where cases come from: the database.
type corrections interface {
	EachCorrection(ctx context.Context, do func(outreach.Correction) error) error
}

func exportCases(ctx context.Context, base *app.Base, w io.Writer) (int, error) {
	return writeCases(ctx, base.DB, w)
}

func writeCases(ctx context.Context, from corrections, w io.Writer) (int, error) {
	n := 0
	err := from.EachCorrection(ctx, func(c outreach.Correction) error {
		kase, ok := caseOf(c)
		if !ok {
			return nil
		}
		n++
		return writeJSON(w, kase)
	})
	return n, err
}

// caseOf makes a corrected message a case. A mail that cannot be read, or that
// carries a label of structure (a bounce), teaches nothing about words.
func caseOf(c outreach.Correction) (learn.Case, bool) {
	m, err := reply.Parse(c.Raw, c.ReceivedAt)
	if err != nil || m.Label() != "" || m.Text == "" {
		return learn.Case{}, false
	}
	kase := learn.Case{
		ID: fmt.Sprintf("message-%d", c.MessageID), From: headerAddress(m.From), Subject: m.Subject, Body: caseBody(&m),
		Headers: caseHeaders(&m), Received: c.ReceivedAt, Label: c.Label, Secondary: []outreach.Label{}, ReplyText: m.Text,
	}
	understood := classify.Classify(classify.InputOf(&m))
	kase.Language = cmp.Or(understood.Language, "en")
	return kase, true
}

// caseBody puts the mail together again: new words, signature, quote.
func caseBody(m *reply.Message) string {
	body := m.Text
	if m.Signature != "" {
		body += "\n\n" + m.Signature
	}
	if m.Quoted != "" {
		body += "\n\n> " + strings.ReplaceAll(m.Quoted, "\n", "\n> ")
	}
	return body
}

// caseHeaders keeps what speaks for a machine, and who stood in Cc.
func caseHeaders(m *reply.Message) map[string]json.RawMessage {
	headers := map[string]json.RawMessage{}
	set := func(name, value string) {
		quoted, err := json.Marshal(value)
		if err == nil {
			headers[name] = quoted
		}
	}
	if m.Kind == outreach.KindAutomatic {
		set("Auto-Submitted", "auto-replied")
	}
	var copied []string
	for _, a := range m.Cc {
		copied = append(copied, headerAddress(a))
	}
	if len(copied) > 0 {
		set("Cc", strings.Join(copied, ", "))
	}
	return headers
}

// headerAddress writes an address as RFC 5322 has it, so that it can be read back.
func headerAddress(a outreach.Address) string {
	return (&mail.Address{Name: a.Name, Address: a.Email}).String()
}
