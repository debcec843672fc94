package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outreach"
	"drumbeat/internal/roster"
	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
)

func newDoctorCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "doctor",
		Short: "Check servers, files and mailboxes, and say what to do about each fault",
		Long: `Check servers, files and mailboxes, and say what to do about each fault. It logs in
to every mailbox and sends nothing. Exit code 1 when anything fails; warnings do
not count.`,
		Example: "  drumbeat doctor",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				d := &doctor{base: base}
				d.examine(ctx)
				if asJSON {
					if err := writeJSON(cmd.OutOrStdout(), map[string]any{"checks": d.findings}); err != nil {
						return err
					}
				} else {
					d.print(cmd.OutOrStdout())
				}
				if d.failed() {
					return bad(nil)
				}
				return nil
			})
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

// finding is one thing that was looked at.
type finding struct {
	Check  string `json:"check"`
	Result string `json:"result"` // ok, warning, failed
	Detail string `json:"detail"`
	Fix    string `json:"fix"`
}

type doctor struct {
	base     *app.Base
	findings []finding
}

// loginTimeout bounds each look at a server.
const loginTimeout = 15 * time.Second

func (d *doctor) examine(ctx context.Context) {
	behind, err := d.base.DB.SchemaBehind(ctx)
	if err == nil && behind {
		err = &outreach.Problem{Detail: "the schema is behind", Fix: "drumbeat migrate"}
	}
	d.note("database", err)
	d.note("ledger", d.ledger(ctx))
	d.note("redis", d.redis(ctx))
	d.address()
	d.files()
	team, err := d.base.LoadTeam()
	d.note("mailboxes.yaml", err)
	if err != nil {
		return
	}
	d.webhooks(team)
	for _, m := range team.Mailboxes {
		d.note("smtp "+string(m.ID), notLetIn(sendLogin(ctx, m)))
		if m.IMAP != nil {
			d.note("imap "+string(m.ID), notLetIn(readLogin(ctx, m)))
		} else {
			d.warn("imap "+string(m.ID), "replies are not read from this mailbox", "give it imap: in mailboxes.yaml; follow-ups wait until it is read")
		}
	}
}

func (d *doctor) note(check string, err error) {
	if err == nil {
		d.findings = append(d.findings, finding{Check: check, Result: "ok"})
		return
	}
	f := finding{Check: check, Result: "failed", Detail: err.Error()}
	var problem *outreach.Problem
	if errors.As(err, &problem) {
		f.Fix = problem.Fix
	}
	d.findings = append(d.findings, f)
}

func (d *doctor) warn(check, detail, fix string) {
	d.findings = append(d.findings, finding{check, "warning", detail, fix})
}

// ledger tells whether the database has forgotten mails.
func (d *doctor) ledger(ctx context.Context) error {
	hold, err := d.base.DB.Hold(ctx)
	if err != nil || !hold.Held() {
		return err
	}
	return &outreach.Problem{Detail: "nothing is sent. " + hold.Reason, Fix: "drumbeat sends resume-after-restore"}
}

// redis tells whether somebody listens; the embedded one is started with serve.
func (d *doctor) redis(ctx context.Context) error {
	text := d.base.Config.RedisURL
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return err
	}
	network, at := "tcp", u.Host
	switch {
	case u.Scheme == "unix":
		network, at = "unix", u.Path
	case u.Port() == "":
		at = net.JoinHostPort(u.Hostname(), "6379")
	}
	connection, err := (&net.Dialer{Timeout: loginTimeout}).DialContext(ctx, network, at)
	if err != nil {
		return &outreach.Problem{Detail: "REDIS_URL cannot be reached", Err: err, Fix: "start it, or unset REDIS_URL to use an embedded one"}
	}
	return connection.Close()
}

func (d *doctor) address() {
	if d.base.Config.BaseURL == "" {
		d.warn("unsubscribe address", "DRUMBEAT_BASE_URL is not set: mails carry only the mailto form of List-Unsubscribe",
			"set it to the public https address of "+d.base.Config.PublicListen+"; large providers ask for one-click")
		return
	}
	d.note("unsubscribe address", nil)
}

// notLetIn gives a fault between us and a mail server its way out.
func notLetIn(err error) error {
	if problem := (*outreach.Problem)(nil); err == nil || errors.As(err, &problem) {
		return err
	}
	return &outreach.Problem{Detail: err.Error(), Fix: "check host, port, tls, user and password in " + roster.FileName +
		"; many providers ask for an app password instead of yours"}
}

// files checks the sequences against the roster; templates are checked when
// LoadTeam reads them.
func (d *doctor) files() {
	set, diagnostics, err := sequence.Load(d.base.Sequences)
	if err != nil {
		d.note("sequences", err)
		return
	}
	diagnostics = append(diagnostics, sequence.Check(set, nil)...)
	if strictyaml.HasErrors(diagnostics) {
		first := diagnostics[0]
		d.note("sequences", &outreach.Problem{
			Detail: fmt.Sprintf("%s, the first: %s:%d: %s", counted(len(diagnostics), "fault"), first.File, first.Line, first.Message),
			Fix:    "drumbeat sequence validate shows all",
		})
		return
	}
	d.findings = append(d.findings, finding{Check: "sequences", Result: "ok", Detail: fmt.Sprint(len(set.Sequences))})
	if d.base.Config.SequencesDir == "" {
		d.warn("sequences", "DRUMBEAT_SEQUENCES_DIR is not set: these are the shipped examples",
			"set it to the directory of yours; drumbeat sequence init writes a first one")
	}
	if _, err := fs.Stat(d.base.Sequences, roster.FileName); err != nil {
		d.warn("sequences", "there is no "+roster.FileName+" beside them", "without it nothing can be sent")
	}
}

func sendLogin(ctx context.Context, m roster.Mailbox) error {
	ctx, cancel := context.WithTimeout(ctx, loginTimeout)
	defer cancel()
	connection, err := app.OpenSMTP(ctx, m)
	if err != nil {
		return err
	}
	connection.Quit()
	return nil
}

func readLogin(ctx context.Context, m roster.Mailbox) error {
	ctx, cancel := context.WithTimeout(ctx, loginTimeout)
	defer cancel()
	session, err := app.OpenIMAP(ctx, m)
	if err != nil {
		return err
	}
	session.Close()
	return nil
}

func (d *doctor) failed() bool {
	for _, f := range d.findings {
		if f.Result == "failed" {
			return true
		}
	}
	return false
}

func (d *doctor) print(w io.Writer) {
	for _, f := range d.findings {
		fmt.Fprintf(w, "%-8s %s", f.Result, f.Check)
		if f.Detail != "" {
			fmt.Fprintf(w, ": %s", printable(f.Detail))
		}
		fmt.Fprintln(w)
		if f.Fix != "" {
			fmt.Fprintln(w, "         →", f.Fix)
		}
	}
}
