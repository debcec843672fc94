package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"drumbeat/internal/app"
	"drumbeat/internal/clock"
	"drumbeat/internal/embedded/redistest"
	"drumbeat/internal/inbound"
	"drumbeat/internal/mailbox"
	"drumbeat/internal/mailbox/dovecottest"
	"drumbeat/internal/outreach"
	"drumbeat/internal/token"
)

// TestAnAnswerInARealDovecotStopsItsLead sends, lets an answer arrive at a real
// Dovecot while the reader idles there, and looks at the lead.
func TestAnAnswerInARealDovecotStopsItsLead(t *testing.T) {
	t.Parallel()
	server := dovecottest.Start(t)
	file, templates := oneMail("0s")
	modes := []struct {
		tls  mailbox.TLS
		port int
	}{{mailbox.TLSNone, server.Port}, {mailbox.TLSStart, server.Port}, {mailbox.TLSImplicit, server.TLSPort}}
	h := newHouse(t, houseOptions{
		clock: clock.Real{}, mailboxes: 1, leads: len(modes), sequence: file, templates: templates, redis: redistest.New(t),
	})
	h.engine(app.Roles{Worker: true, Planner: true}) // its inbox is the world's, ours is Dovecot
	until(t, "the mails are out", func() bool {
		return h.text(`SELECT count(*) FROM sends WHERE state = 'sent'`) == fmt.Sprint(len(modes))
	})
	for n, mode := range modes {
		t.Run(string(mode.tls), func(t *testing.T) {
			account := mailbox.Account{
				Host: server.Host, Port: mode.port, User: server.Users[n], Password: server.Password, TLS: mode.tls, InsecureTestRoots: server.Roots,
			}
			watch := passes{done: make(chan error, 100)}
			reader := &inbound.Reader{
				MailboxID: "rep0", Folders: []string{"INBOX"}, Inbox: h.DB, Tokens: token.NewKeys(h.Secret), Bell: noBell{}, Watch: watch,
				Clock: h.clock, Log: slog.New(slog.DiscardHandler), PollEvery: time.Hour, // IDLE alone may wake it
				Dial: func(ctx context.Context) (inbound.Session, error) { return mailbox.Dial(ctx, account) },
			}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() { defer close(ended); reader.Run(ctx) }()
			defer func() { cancel(); <-ended }()
			if err := <-watch.done; err != nil {
				t.Fatal(err)
			}
			deliver(t, server, server.Users[n], h.answer(n))
			lead := leadAddress(n)
			until(t, "the answer has stopped its lead", func() bool {
				return h.text(`SELECT stopped || '/' || stage FROM leads WHERE email = $1`, lead) == "replied/qualifying"
			})
			if got := h.text(`SELECT label || ' ' || match_method FROM messages m JOIN leads l ON l.id = m.lead_id WHERE l.email = $1`, lead); got != "meeting references" {
				t.Errorf("the answer was taken as %q", got)
			}
		})
	}
}

// answer is what the nth lead writes back.
func (h *house) answer(n int) string {
	h.t.Helper()
	for _, a := range h.world.Accepted() {
		if a.To != leadAddress(n) {
			continue
		}
		return fmt.Sprintf("From: Ana <%s>\r\nTo: %s\r\nSubject: Re: %s\r\nDate: %s\r\nMessage-ID: <answer%d@company.example>\r\n"+
			"In-Reply-To: %s\r\nReferences: %s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"+
			"Happy to have a quick call. Send me a calendar invite for Tuesday or Wednesday morning, 10am works best on my side.\r\n\r\nBest,\r\nAna\r\n",
			a.To, a.From, a.Subject, a.At.Format(time.RFC1123Z), n, a.MessageID, a.MessageID)
	}
	h.t.Fatalf("nothing went to lead %d", n)
	return ""
}

// deliver puts a mail into an INBOX as a delivery agent would.
func deliver(t *testing.T, server *dovecottest.Server, user, raw string) {
	t.Helper()
	client, err := imapclient.DialInsecure(fmt.Sprintf("%s:%d", server.Host, server.Port), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Login(user, server.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	command := client.Append("INBOX", int64(len(raw)), &imap.AppendOptions{Time: clock.Real{}.Now()})
	if _, err := command.Write([]byte(raw)); err != nil {
		t.Fatal(err)
	}
	if err := command.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := command.Wait(); err != nil {
		t.Fatal(err)
	}
}

// passes hears when a reader has read a mailbox to its end.
type passes struct{ done chan error }

func (passes) MessageTaken(outreach.MailboxID, outreach.MatchMethod) {}

func (p passes) PassDone(_ outreach.MailboxID, _ time.Duration, err error) {
	select {
	case p.done <- err:
	default:
	}
}

// noBell leaves messages to the sweeper of the engine.
type noBell struct{}

func (noBell) RingReply(context.Context, outreach.MessageID) error { return nil }
