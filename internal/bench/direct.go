package bench

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/wneessen/go-mail"
	"golang.org/x/sync/errgroup"

	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
)

// direct is what there is to compare with: the plain loop of rendering, building
// and sending with go-mail from memory, without a database, on one connection a
// mailbox, with go-mail's cheapest safe options. It keeps no promise.
type direct struct {
	server    *net.TCPAddr
	template  *render.Template
	mailboxes int
	mails     int
}

func newDirect(s stage, server *net.TCPAddr) (*direct, error) {
	set, bad, err := render.LoadTemplates(s.layers()...)
	if err != nil {
		return nil, err
	}
	if len(bad) > 0 {
		return nil, bad[0]
	}
	template, err := set.Get("bench/intro.md")
	return &direct{server: server, template: template, mailboxes: s.mailboxes, mails: s.leads}, err
}

// run sends everything.
func (d *direct) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for box := range d.mailboxes {
		group.Go(func() error { return d.mailbox(ctx, box) })
	}
	return group.Wait()
}

// mailbox sends every mail of one mailbox over its connection.
func (d *direct) mailbox(ctx context.Context, box int) error {
	client, err := mail.NewClient(d.server.IP.String(), mail.WithPort(d.server.Port), mail.WithTLSPolicy(mail.NoTLS),
		mail.WithoutNoop(), mail.WithoutRset(), mail.WithTimeout(time.Minute))
	if err != nil {
		return err
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	for i := box; i < d.mails; i += d.mailboxes {
		message, err := d.message(box, i)
		if err != nil {
			return err
		}
		if err := client.SendWithSMTPClient(conn, message); err != nil {
			return fmt.Errorf("direct: %w", err)
		}
	}
	return client.CloseWithSMTPClient(conn)
}

// message is the mail that the engine sends to the same lead.
func (d *direct) message(box, i int) (*mail.Msg, error) {
	from := outreach.Address{Name: "Bench", Email: mailboxName(box) + "@ours.example"}
	token := fmt.Sprintf("01jq8w%020d.9f8e7d6c5b4a39281706", i)
	unsubscribe := render.UnsubscribeMailto(from.Email, token)
	lead := outreach.Lead{Email: leadAddress(i), FirstName: "Sam", Company: fmt.Sprintf("Firm %d", i/4), Title: "Founder", Country: "DE"}
	content, err := d.template.RenderMail(render.LeadVars(lead, render.Rep{Name: "Bench", Email: "rep@ours.example"},
		render.Sender{Name: from.Name, Email: from.Email, Company: "Ours GmbH", PostalAddress: "1 Example St, 10115 Berlin"}),
		render.Footer{UnsubscribeMailto: unsubscribe})
	if err != nil {
		return nil, err
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP))
	if err := m.FromFormat(from.Name, from.Email); err != nil {
		return nil, err
	}
	if err := m.To(lead.Email); err != nil {
		return nil, err
	}
	m.SetDate()
	m.SetMessageIDWithValue(token + "@ours.example")
	m.Subject(content.Subject)
	m.SetGenHeader(mail.HeaderListUnsubscribe, "<"+unsubscribe+">")
	m.SetBodyString(mail.TypeTextPlain, content.Text)
	if content.HTML != "" {
		m.AddAlternativeString(mail.TypeTextHTML, content.HTML)
	}
	return m, nil
}
