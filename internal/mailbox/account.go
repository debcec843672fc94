package mailbox

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// ErrLogin tells that the server does not take the user name or the password:
// no retry helps until a person changes them.
var ErrLogin = errors.New("login refused")

// TLS says how a connection is encrypted.
type TLS string

// The ways. An empty value is TLS from the first byte (port 993).
const (
	TLSImplicit TLS = "tls"
	TLSStart    TLS = "starttls"
	TLSNone     TLS = "none" // loopback hosts only
)

// Account is where and as whom to read.
type Account struct {
	Host     string
	Port     int
	User     string // usually the address
	Password string
	TLS      TLS

	// Timeout bounds each command in machine time; default 60 s. A server that is
	// silent for longer is taken for gone.
	Timeout time.Duration
	// PollEvery is how often Wait asks a server without IDLE; default 30 s.
	PollEvery time.Duration

	// InsecureTestRoots replaces the machine's certificate authorities, for tests
	// with certificates of their own; nil in service.
	InsecureTestRoots *x509.CertPool
}

func (a Account) withDefaults() Account {
	if a.Timeout <= 0 {
		a.Timeout = time.Minute
	}
	if a.PollEvery <= 0 {
		a.PollEvery = 30 * time.Second
	}
	if a.TLS == "" {
		a.TLS = TLSImplicit
	}
	return a
}

func (a Account) address() string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

func (a Account) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: a.Host, MinVersion: tls.VersionTLS12, RootCAs: a.InsecureTestRoots}
}

// check refuses what would put a password on the network in clear.
func (a Account) check() error {
	switch a.TLS {
	case TLSImplicit, TLSStart:
		return nil
	case TLSNone:
		if loopback(a.Host) {
			return nil
		}
		return &outreach.Problem{
			Code:   "IMAP_NOT_ENCRYPTED",
			Detail: "tls: none is for servers on this machine, and " + a.Host + " is another",
			Fix:    "Use tls: tls (port 993) or tls: starttls (port 143).",
		}
	}
	return &outreach.Problem{
		Code:   "IMAP_TLS_UNKNOWN",
		Detail: "tls: " + strconv.Quote(string(a.TLS)) + " is not a way to encrypt",
		Fix:    "Use tls, starttls, or none for a server on this machine.",
	}
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
