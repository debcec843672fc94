package app

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"drumbeat/internal/mailbox"
	"drumbeat/internal/mailer"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/roster"
	"drumbeat/internal/strictyaml"
)

// Team is mailboxes.yaml and the templates, read and checked.
type Team struct {
	*roster.Roster
	Templates *render.TemplateSet
	senders   map[outreach.MailboxID]outbound.SenderIdentity
}

// LoadTeam reads who sends and with which templates. Faults of the files come
// as one error with their places.
func (b *Base) LoadTeam() (*Team, error) {
	source, err := fs.ReadFile(b.Sequences, roster.FileName)
	if err != nil {
		return nil, &outreach.Problem{Code: "NO_MAILBOXES", Detail: "mailboxes.yaml cannot be read", Err: err,
			Fix: "Put mailboxes.yaml beside the sequences; docs/FIRST_CAMPAIGN.md shows one."}
	}
	parsed, diagnostics := roster.Parse(roster.FileName, source)
	if strictyaml.HasErrors(diagnostics) {
		return nil, invalidFile(diagnostics)
	}
	templates, err := b.LoadTemplates()
	if err != nil {
		return nil, err
	}
	team := &Team{Roster: parsed, Templates: templates, senders: map[outreach.MailboxID]outbound.SenderIdentity{}}
	for _, m := range parsed.Mailboxes {
		if team.senders[m.ID], err = b.identity(parsed, m, templates); err != nil {
			return nil, err
		}
	}
	return team, nil
}

// LoadTemplates reads the shipped templates and the team's over them.
func (b *Base) LoadTemplates() (*render.TemplateSet, error) {
	set, bad, err := render.LoadTemplates(b.Templates...)
	if err != nil {
		return nil, err
	}
	if len(bad) > 0 {
		return nil, fmt.Errorf("templates: %w", bad[0])
	}
	return set, nil
}

func invalidFile(diagnostics []strictyaml.Diagnostic) error {
	lines := make([]string, 0, len(diagnostics))
	for _, d := range diagnostics {
		lines = append(lines, fmt.Sprintf("%s:%d:%d: %s %s", d.File, d.Line, d.Column, d.Code, d.Message))
	}
	return &outreach.Problem{Code: "INVALID_FILE", Detail: "invalid file\n" + strings.Join(lines, "\n")}
}

// identity is who a mailbox writes as.
func (b *Base) identity(r *roster.Roster, m roster.Mailbox, templates *render.TemplateSet) (outbound.SenderIdentity, error) {
	rep, _ := r.Rep(m.Rep)
	id := outbound.SenderIdentity{
		Address: outreach.Address{Name: m.Name, Email: m.Address},
		Rep:     render.Rep{Name: rep.Name, Email: rep.Email},
		Sender:  render.Sender{Name: m.Name, Email: m.Address, Company: r.Sender.Company, PostalAddress: r.Sender.PostalAddress},
	}
	if m.Signature == "" {
		return id, nil
	}
	// Beside the roster first, where the file says it is; the shipped ones lie among the templates.
	if source, err := fs.ReadFile(b.Sequences, m.Signature); err == nil {
		template, bad := render.ParseTemplate(m.Signature, source)
		if len(bad) > 0 {
			return id, bad[0]
		}
		id.Signature = template
		return id, nil
	}
	template, err := templates.Get(m.Signature)
	if err != nil {
		return id, fmt.Errorf("signature of mailbox %s: %w", m.ID, err)
	}
	id.Signature = template
	return id, nil
}

// rules are the caps and zones by which the mailboxes send.
func (t *Team) rules() (map[outreach.MailboxID]outbound.MailboxRules, error) {
	rules := make(map[outreach.MailboxID]outbound.MailboxRules, len(t.Mailboxes))
	for _, m := range t.Mailboxes {
		zone, err := time.LoadLocation(m.Timezone)
		if err != nil {
			return nil, fmt.Errorf("mailbox %s: %w", m.ID, err)
		}
		rules[m.ID] = outbound.MailboxRules{Cap: m.Cap, Zone: zone}
	}
	return rules, nil
}

// secret looks a reference of mailboxes.yaml up: NAME, or the file NAME_FILE. What is
// empty counts as not set: compose files and .env files make such variables.
func secret(name string) (string, bool) {
	if value := os.Getenv(name); value != "" {
		return value, true
	}
	path := os.Getenv(name + "_FILE")
	if path == "" {
		return "", false
	}
	content, err := os.ReadFile(path)
	value := strings.TrimRight(string(content), "\r\n")
	return value, err == nil && value != ""
}

func resolve(s roster.Server) (user, password string, err error) {
	if user, err = s.User.Resolve(secret); err != nil {
		return "", "", err
	}
	password, err = s.Password.Resolve(secret)
	return user, password, err
}

// smtpLines opens SMTP connections for mailboxes by their accounts.
type smtpLines struct{ team *Team }

// Open connects to the mailbox's server. Secrets are looked up now, so a
// rotated password is taken without a restart.
func (l smtpLines) Open(ctx context.Context, id outreach.MailboxID) (outbound.Connection, error) {
	m, ok := l.team.Mailbox(id)
	if !ok {
		return nil, fmt.Errorf("mailbox %q is not in %s", id, roster.FileName)
	}
	return OpenSMTP(ctx, m)
}

// OpenSMTP connects and logs in to a mailbox's SMTP server.
func OpenSMTP(ctx context.Context, m roster.Mailbox) (*mailer.Conn, error) {
	user, password, err := resolve(m.SMTP)
	if err != nil {
		return nil, err
	}
	return mailer.Open(ctx, mailer.Account{
		Host: m.SMTP.Host, Port: m.SMTP.Port, User: user, Password: password, TLS: mailer.TLS(m.SMTP.TLS),
		LocalName: outreach.Domain(m.Address),
	})
}

// OpenIMAP connects and logs in to a mailbox's IMAP server.
func OpenIMAP(ctx context.Context, m roster.Mailbox) (*mailbox.Session, error) {
	user, password, err := resolve(*m.IMAP)
	if err != nil {
		return nil, err
	}
	if user == "" {
		user = m.Address // IMAP knows no session without a user
	}
	return mailbox.Dial(ctx, mailbox.Account{
		Host: m.IMAP.Host, Port: m.IMAP.Port, User: user, Password: password, TLS: mailbox.TLS(m.IMAP.TLS),
	})
}
