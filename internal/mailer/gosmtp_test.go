package mailer_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/mailer"
	"drumbeat/internal/outreach"
)

// receiver is a server that others wrote: what it takes, a provider takes.
type receiver struct {
	mu     sync.Mutex
	mails  [][]byte
	logins int
}

// visit is one connection to it.
type visit struct{ *receiver }

func (r *receiver) NewSession(*smtp.Conn) (smtp.Session, error) { return visit{r}, nil }
func (visit) Reset()                                            {}
func (visit) Logout() error                                     { return nil }
func (visit) Mail(string, *smtp.MailOptions) error              { return nil }
func (visit) AuthMechanisms() []string                          { return []string{sasl.Plain} }

func (v visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "dana@ours.example" || password != "secret" {
			return smtp.ErrAuthFailed
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		v.logins++
		return nil
	}), nil
}

func (visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	if to == "gone@lead.example" {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	return nil
}

func (v visit) Data(r io.Reader) error {
	mail, err := io.ReadAll(r)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.mails = append(v.mails, mail)
	return err
}

// receive starts the server on loopback; config nil is without TLS.
func (r *receiver) receive(t *testing.T, config *tls.Config, implicit bool) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if implicit {
		listener = tls.NewListener(listener, config)
	}
	server := smtp.NewServer(r)
	server.Domain, server.AllowInsecureAuth = "mx.example", true
	if !implicit {
		server.TLSConfig = config
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return port
}

// ownCertificate is one for 127.0.0.1, and the roots that trust it.
func ownCertificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, roots
}

func TestAServerOfOthersTakesOurMailPlainAndEncrypted(t *testing.T) {
	config, roots := ownCertificate(t)
	raw := []byte("Subject: dots\r\n\r\nfirst\r\n.\r\n..second\r\n")
	for name, way := range map[string]struct {
		tls      mailer.TLS
		config   *tls.Config
		implicit bool
	}{
		"plain on loopback": {tls: mailer.TLSNone},
		"STARTTLS":          {tls: mailer.TLSStart, config: config},
		"TLS":               {tls: mailer.TLSImplicit, config: config, implicit: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := &receiver{}
			conn, err := mailer.Open(t.Context(), mailer.Account{
				Host: "127.0.0.1", Port: r.receive(t, way.config, way.implicit), User: "dana@ours.example", Password: "secret",
				TLS: way.tls, InsecureTestRoots: roots,
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []outreach.Delivery
			envelope := func(to string) outreach.Envelope { return outreach.Envelope{From: "dana@ours.example", To: to} }
			leads := []string{"ana@lead.example", "gone@lead.example", "ben@lead.example"}
			for i, to := range leads {
				if i+1 < len(leads) {
					conn.Expect(envelope(leads[i+1])) // which this server, not written by us, takes in one group with the dot
				}
				result := conn.Deliver(t.Context(), envelope(to), raw, func(context.Context) bool { return true })
				got = append(got, result.Delivery)
			}
			conn.Quit()
			want := []outreach.Delivery{outreach.DeliveryAccepted, outreach.DeliveryRefused, outreach.DeliveryAccepted}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if r.logins != 1 || len(r.mails) != 2 || !bytes.Equal(r.mails[0], raw) || !bytes.Equal(r.mails[1], raw) {
				t.Errorf("%d logins, mails %q", r.logins, r.mails)
			}
		})
	}
}
