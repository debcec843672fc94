package mailworld_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"drumbeat/internal/clock"
	"drumbeat/internal/mailer"
	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)

// world makes a world that stands at start, with Dana's mailbox.
func world(t *testing.T, options mailworld.Options) (*mailworld.World, *clock.Stepped) {
	t.Helper()
	sales := clock.NewStepped(start)
	options.Clock = sales
	options.Mailboxes = append(options.Mailboxes, "dana@ours.example")
	w, err := mailworld.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w, sales
}

func account(w *mailworld.World) mailer.Account {
	return mailer.Account{Host: "127.0.0.1", Port: w.SMTPAddr().Port, TLS: mailer.TLSNone, LocalName: "ours.example"}
}

func open(t *testing.T, account mailer.Account) *mailer.Conn {
	t.Helper()
	conn, err := mailer.Open(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

// mailTo is a first mail from Dana; number makes its ids unique.
func mailTo(to, number string, at time.Time) outreach.Mail {
	return outreach.Mail{
		Content: outreach.Content{Subject: "Überblick for " + to, Text: "Hello,\n\nshall we talk?\n\nDana", HTML: "<p>Hello,</p><p>shall we talk?</p>"},
		From:    outreach.Address{Name: "Dana Reyes", Email: "dana@ours.example"}, To: outreach.Address{Email: to},
		RFCMessageID: "<" + number + ".ab12@ours.example>", Date: at,
		UnsubscribeURL:    "https://u.ours.example/u/" + number,
		UnsubscribeMailto: "mailto:dana@ours.example?subject=unsubscribe%20" + number,
	}
}

func send(t *testing.T, conn *mailer.Conn, m outreach.Mail) outreach.DeliveryResult {
	t.Helper()
	raw, err := mailer.Build(m)
	if err != nil {
		t.Fatal(err)
	}
	return conn.Deliver(t.Context(), outreach.Envelope{From: m.From.Email, To: m.To.Email}, raw, func(context.Context) bool { return true })
}

func TestAcceptedMailsAreLoggedWithSalesTime(t *testing.T) {
	file := filepath.Join(t.TempDir(), "accepts.jsonl")
	w, sales := world(t, mailworld.Options{LogFile: file})
	conn := open(t, account(w))
	send(t, conn, mailTo("jo@lead.example", "1", start))
	sales.StepTo(start.Add(time.Hour))
	send(t, conn, mailTo("al@lead.example", "2", start))
	want := []mailworld.Accept{
		{Seq: 1, At: start, From: "dana@ours.example", To: "jo@lead.example", MessageID: "<1.ab12@ours.example>", Subject: "Überblick for jo@lead.example"},
		{Seq: 2, At: start.Add(time.Hour), From: "dana@ours.example", To: "al@lead.example", MessageID: "<2.ab12@ours.example>", Subject: "Überblick for al@lead.example"},
	}
	got := w.Accepted()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(mailworld.Accept{}, "Raw")); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	raw, err := mailer.Build(mailTo("jo@lead.example", "1", start))
	if err != nil || string(got[0].Raw) != string(raw) {
		t.Errorf("the raw mail is not what was sent (%v):\n%s", err, got[0].Raw)
	}
	if err := appendTo(file, `{"seq":3,"at":"20`); err != nil { // as a kill leaves it
		t.Fatal(err)
	}
	logged, err := mailworld.ReadLog(file)
	if diff := cmp.Diff(want, logged); err != nil || diff != "" {
		t.Errorf("file: %v (-want +got):\n%s", err, diff)
	}
}

func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func TestASecondCopyIsCountedAsADuplicateWhateverItsToken(t *testing.T) {
	w, _ := world(t, mailworld.Options{})
	conn := open(t, account(w))
	for _, number := range []string{"1", "2", "3"} {
		m := mailTo("jo@lead.example", number, start)
		m.Text += "\nhttps://u.ours.example/u/" + number
		send(t, conn, m)
	}
	send(t, conn, mailTo("al@lead.example", "4", start))
	if got := w.Duplicates(); got != 2 {
		t.Errorf("Duplicates() = %d, want 2", got)
	}
}

func TestFaultsStrikeAsScripted(t *testing.T) {
	cases := map[string]struct {
		key      string
		fault    mailworld.Fault
		delivery outreach.Delivery
		phase    string
		accepted int
		usable   bool
	}{
		"450 at MAIL":               {"dana@ours.example", mailworld.Fault{At: mailworld.AtMail, Code: 450, Text: "4.3.0 later"}, outreach.DeliveryDeferred, "mail", 0, true},
		"550 at RCPT":               {"jo@lead.example", mailworld.Fault{At: mailworld.AtRcpt, Code: 550, Text: "5.1.1 no"}, outreach.DeliveryRefused, "rcpt", 0, true},
		"450 for a domain":          {"@lead.example", mailworld.Fault{At: mailworld.AtRcpt, Code: 450, Text: "4.2.0 greylisted"}, outreach.DeliveryDeferred, "rcpt", 0, true},
		"554 at DATA for everybody": {"*", mailworld.Fault{At: mailworld.AtData, Code: 554, Text: "5.7.1 no"}, outreach.DeliveryRefused, "data", 0, true},
		"451 at the dot":            {"jo@lead.example", mailworld.Fault{At: mailworld.AtDot, Code: 451, Text: "4.3.2 busy"}, outreach.DeliveryDeferred, "dot", 0, true},
		"554 at the dot":            {"jo@lead.example", mailworld.Fault{At: mailworld.AtDot, Code: 554, Text: "5.7.1 spam"}, outreach.DeliveryRefused, "dot", 0, true},
		"drop at RCPT":              {"jo@lead.example", mailworld.Fault{At: mailworld.AtRcpt, Ending: mailworld.Drop}, outreach.DeliveryNotSent, "mail", 0, false},
		"drop at DATA":              {"jo@lead.example", mailworld.Fault{At: mailworld.AtData, Ending: mailworld.Drop}, outreach.DeliveryNotSent, "mail", 0, false},
		"drop after the dot":        {"jo@lead.example", mailworld.Fault{At: mailworld.AtDot, Ending: mailworld.Drop}, outreach.DeliveryUncertain, "dot", 0, false},
		"accepted, then dropped":    {"jo@lead.example", mailworld.Fault{At: mailworld.AtDot, Ending: mailworld.AcceptDrop}, outreach.DeliveryUncertain, "dot", 1, false},
		"slow dot":                  {"jo@lead.example", mailworld.Fault{At: mailworld.AtDot, Delay: 5 * time.Millisecond}, outreach.DeliveryAccepted, "dot", 1, true},
		"tarpit":                    {"jo@lead.example", mailworld.Fault{At: mailworld.AtRcpt, Delay: time.Microsecond, Tarpit: true}, outreach.DeliveryAccepted, "dot", 1, true},
		"RSET dropped":              {"jo@lead.example", mailworld.Fault{At: mailworld.AtRset, Ending: mailworld.Drop}, outreach.DeliveryAccepted, "dot", 1, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w, _ := world(t, mailworld.Options{})
			w.Fault(c.key, c.fault)
			conn := open(t, account(w))
			got := send(t, conn, mailTo("jo@lead.example", "1", start))
			if got.Delivery != c.delivery || got.Phase != c.phase || got.Code != c.fault.Code && c.fault.Code != 0 {
				t.Errorf("result = %+v, want %s at %s", got, c.delivery, c.phase)
			}
			if len(w.Accepted()) != c.accepted || conn.Usable() != c.usable {
				t.Errorf("%d accepted, usable %v; want %d, %v", len(w.Accepted()), conn.Usable(), c.accepted, c.usable)
			}
		})
	}
}

func TestAFaultStrikesAsOftenAsItSaysAndThenAllIsWell(t *testing.T) {
	w, _ := world(t, mailworld.Options{})
	w.Fault("jo@lead.example", mailworld.Fault{At: mailworld.AtDot, Code: 451, Text: "4.3.0 later", Times: 2})
	conn := open(t, account(w))
	var got []outreach.Delivery
	for range 3 {
		got = append(got, send(t, conn, mailTo("jo@lead.example", "1", start)).Delivery)
	}
	want := []outreach.Delivery{outreach.DeliveryDeferred, outreach.DeliveryDeferred, outreach.DeliveryAccepted}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
}

func Test250AndGoneIsAccepted(t *testing.T) {
	w, _ := world(t, mailworld.Options{})
	w.Fault("jo@lead.example", mailworld.Fault{At: mailworld.AtDot, Ending: mailworld.AnswerClose})
	w.Fault("jo@lead.example", mailworld.Fault{At: mailworld.AtQuit, Ending: mailworld.Drop})
	conn := open(t, account(w))
	if got := send(t, conn, mailTo("jo@lead.example", "1", start)); got.Delivery != outreach.DeliveryAccepted {
		t.Errorf("result = %+v", got)
	}
	conn.Quit()
	if conn.Usable() || len(w.Accepted()) != 1 {
		t.Error("after QUIT the connection is gone and the mail is there")
	}
}

func TestADialogueIsOpenFromMAILToTheAnswerToTheDot(t *testing.T) {
	for _, dot := range []bool{true, false} {
		w, _ := world(t, mailworld.Options{})
		conn := open(t, account(w))
		during := -1
		raw, err := mailer.Build(mailTo("jo@lead.example", "1", start))
		if err != nil {
			t.Fatal(err)
		}
		envelope := outreach.Envelope{From: "dana@ours.example", To: "jo@lead.example"}
		conn.Deliver(t.Context(), envelope, raw, func(context.Context) bool { during = w.OpenDialogues(); return dot })
		if during != 1 {
			t.Errorf("%d open at the commit point, want 1", during)
		}
		if dot { // the next command's answer proves that the mail before is over
			w.Fault("al@lead.example", mailworld.Fault{At: mailworld.AtRcpt, Code: 550, Text: "no"})
			send(t, conn, mailTo("al@lead.example", "2", start))
		}
		conn.Quit()
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got := w.OpenDialogues(); got != 0 {
			t.Errorf("%d open after the end", got)
		}
	}
}

func TestSTARTTLSAndLogin(t *testing.T) {
	certificate, roots := selfSigned(t)
	w, _ := world(t, mailworld.Options{Password: "s3cret", TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}})
	a := account(w)
	a.TLS, a.User, a.Password, a.InsecureTestRoots = mailer.TLSStart, "dana@ours.example", "s3cret", roots
	if got := send(t, open(t, a), mailTo("jo@lead.example", "1", start)); got.Delivery != outreach.DeliveryAccepted {
		t.Errorf("result = %+v", got)
	}
	a.Password = "wrong"
	if _, err := mailer.Open(t.Context(), a); err == nil || !strings.Contains(err.Error(), "535") {
		t.Errorf("err = %v, want 535", err)
	}
	a.InsecureTestRoots = nil
	if _, err := mailer.Open(t.Context(), a); err == nil || !strings.Contains(err.Error(), "starttls") {
		t.Errorf("err = %v, want one at starttls", err)
	}
}

// FuzzDeliver holds that what a mail says never becomes a second mail, and that
// it arrives as it was given.
func FuzzDeliver(f *testing.F) {
	f.Add([]byte("Subject: x\r\n\r\n.\r\n..\r\n...a"))
	f.Add([]byte(".\r\nMAIL FROM:<x@y.example>\r\n"))
	f.Add([]byte("a\r\n.\nb\r\n"))
	f.Add([]byte(strings.Repeat("x", 998) + "\r\n" + strings.Repeat(".", 998)))
	f.Add([]byte{})
	w, err := mailworld.New(mailworld.Options{Clock: clock.NewStepped(start)})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = w.Close() })
	f.Fuzz(func(t *testing.T, raw []byte) {
		conn := open(t, account(w))
		before := len(w.Accepted())
		envelope := outreach.Envelope{From: "dana@ours.example", To: "jo@lead.example"}
		result := conn.Deliver(t.Context(), envelope, raw, func(context.Context) bool { return true })
		after := w.Accepted()[before:]
		if result.Delivery == outreach.DeliveryRefused && result.Code == 0 && len(after) == 0 {
			return
		}
		want := string(raw)
		if !strings.HasSuffix(want, "\r\n") {
			want += "\r\n"
		}
		if result.Delivery != outreach.DeliveryAccepted || len(after) != 1 || string(after[0].Raw) != want {
			t.Errorf("%+v, %d mails for %q", result, len(after), raw)
		}
	})
}

func TestRoundTripsAMail(t *testing.T) {
	for lockStep, want := range map[bool]int{false: 2, true: 4} {
		w, _ := world(t, mailworld.Options{NoPipelining: lockStep, Latency: time.Microsecond})
		conn := open(t, account(w))
		before := w.Flushes()
		const mails = 10
		for i := range mails {
			send(t, conn, mailTo("jo@lead.example", strconv.Itoa(i), start))
		}
		if got := w.Flushes() - before; got != want*mails {
			t.Errorf("lock-step %v: %d round trips for %d mails, want %d each", lockStep, got, mails, want)
		}
	}
}

func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := clock.Machine{}.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
