package mailer

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"strconv"
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// TLS says how a connection is encrypted.
type TLS string

// The ways. An empty value is STARTTLS: nothing falls back to clear text.
const (
	TLSStart    TLS = "starttls"
	TLSImplicit TLS = "tls"
	TLSNone     TLS = "none" // loopback hosts only
)

// Account is where and as whom to send.
type Account struct {
	Host      string
	Port      int
	User      string // empty: the server asks for no login
	Password  string
	TLS       TLS
	LocalName string // what EHLO says; default localhost
	Timeouts  Timeouts

	// InsecureTestRoots replaces the machine's certificate authorities, for tests
	// with certificates of their own; nil in service.
	InsecureTestRoots *x509.CertPool
}

// Timeouts bound each phase in machine time; zero values have the defaults of
// RFC 5321, section 4.5.3.2, except Dial: the greeting comes at once or we try
// again later.
type Timeouts struct {
	Dial    time.Duration // connecting, greeting, TLS and login, each: 30 s
	Command time.Duration // MAIL, RCPT, DATA and writing the body, each: 5 min
	Dot     time.Duration // the answer to the final dot: 10 min
}

func (t Timeouts) withDefaults() Timeouts {
	return Timeouts{
		Dial:    orDefault(t.Dial, 30*time.Second),
		Command: orDefault(t.Command, 5*time.Minute),
		Dot:     orDefault(t.Dot, 10*time.Minute),
	}
}

func orDefault(d, fallback time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return fallback
}

func (a Account) address() string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

func (a Account) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: a.Host, MinVersion: tls.VersionTLS12, RootCAs: a.InsecureTestRoots}
}

// check refuses what would put a password or a mail on the network in clear.
func (a Account) check() error {
	switch a.TLS {
	case "", TLSStart, TLSImplicit:
		return nil
	case TLSNone:
		if loopback(a.Host) {
			return nil
		}
		return &outreach.Problem{
			Code:   "SMTP_NOT_ENCRYPTED",
			Detail: "tls: none is for servers on this machine, and " + a.Host + " is another",
			Fix:    "Use tls: starttls (port 587) or tls: tls (port 465).",
		}
	}
	return &outreach.Problem{
		Code:   "SMTP_TLS_UNKNOWN",
		Detail: "tls: " + strconv.Quote(string(a.TLS)) + " is not a way to encrypt",
		Fix:    "Use starttls, tls, or none for a server on this machine.",
	}
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
