package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"

	"github.com/wneessen/go-mail/smtp"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// The phases of a dialogue, as DeliveryResult.Phase names them.
const (
	PhaseDial     = "dial" // connecting and the greeting
	PhaseStartTLS = "starttls"
	PhaseAuth     = "auth"
	PhaseMail     = "mail"
	PhaseRcpt     = "rcpt"
	PhaseData     = "data"
	PhaseBody     = "body"
	PhaseCommit   = "commit"
	PhaseDot      = "dot"
)

// OpenError says why no connection could be made. Its result is always
// not_sent; the phase and the code tell a wrong password (535) or a login that
// the provider wants made differently (534) from a server that is down.
type OpenError struct {
	Result outreach.DeliveryResult
	Err    error
}

// Error is one line without addresses.
func (e *OpenError) Error() string {
	if e.Result.Code != 0 {
		return fmt.Sprintf("smtp %s: %d %s", e.Result.Phase, e.Result.Code, e.Result.Text)
	}
	return fmt.Sprintf("smtp %s: %s", e.Result.Phase, e.Result.Text)
}

// Unwrap gives the cause.
func (e *OpenError) Unwrap() error { return e.Err }

// LoginRefused tells that the server knows who we are and does not want us: no
// retry helps until a person changes the password or the account. A 4xx or a
// lost connection at the login is a server in trouble, not a refusal.
func (e *OpenError) LoginRefused() bool {
	return e.Result.Phase == PhaseAuth && (e.Result.Code >= 500 || errors.Is(e.Err, errNoLogin))
}

// errNoLogin tells that we cannot log in the way the server wants.
var errNoLogin = errors.New("the server offers no login that we know")

// Conn is a logged-in SMTP connection that carries one mail after another. It
// is not safe for concurrent use.
type Conn struct {
	client    *smtp.Client
	socket    net.Conn // under any TLS: closing it never waits for a lock of the client's
	timeouts  Timeouts
	pipelined bool // PIPELINING (RFC 2920) is offered
	smtpUTF8  bool // SMTPUTF8 (RFC 6531) is offered
	closed    bool

	expected *outreach.Envelope // of the mail after the next
	said     *opening           // MAIL and RCPT that went with the last dot, DATA behind them; not yet answered
}

// Open connects, encrypts and logs in. The error is an *OpenError, or an
// *outreach.Problem when the account must not be used as it is.
func Open(ctx context.Context, account Account) (*Conn, error) {
	if err := account.check(); err != nil {
		return nil, err
	}
	timeouts := account.Timeouts.withDefaults()
	client, socket, err := dial(ctx, account, timeouts)
	if err != nil {
		return nil, openError(PhaseDial, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = socket.Close() })
	phase, err := greet(client, account, timeouts)
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		_ = client.Close()
		return nil, openError(phase, err)
	}
	conn := &Conn{client: client, socket: socket, timeouts: timeouts}
	conn.pipelined, _ = client.Extension("PIPELINING")
	conn.smtpUTF8, _ = client.Extension("SMTPUTF8")
	return conn, nil
}

// dial connects and reads the greeting.
func dial(ctx context.Context, account Account, timeouts Timeouts) (*smtp.Client, net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, timeouts.Dial)
	defer cancel()
	socket, err := (&net.Dialer{}).DialContext(ctx, "tcp", account.address())
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = socket.Close() })
	defer stop()
	conn := socket
	if account.TLS == TLSImplicit {
		conn = tls.Client(socket, account.tlsConfig())
	}
	if err := conn.SetDeadline(clock.Machine{}.Now().Add(timeouts.Dial)); err != nil {
		return nil, nil, errors.Join(err, socket.Close())
	}
	client, err := smtp.NewClient(conn, account.Host)
	if err != nil {
		_ = socket.Close() // often closed already
		return nil, nil, err
	}
	return client, socket, nil
}

// greet says EHLO, encrypts and logs in; phase says how far it came.
func greet(client *smtp.Client, account Account, timeouts Timeouts) (phase string, err error) {
	name := account.LocalName
	if name == "" {
		name = "localhost"
	}
	if err := client.Hello(name); err != nil {
		return PhaseDial, err
	}
	if account.TLS == "" || account.TLS == TLSStart {
		if err := startTLS(client, account, timeouts); err != nil {
			return PhaseStartTLS, err
		}
	}
	if account.User == "" {
		return PhaseAuth, nil
	}
	auth, err := mechanism(client, account)
	if err != nil {
		return PhaseAuth, err
	}
	if err := client.UpdateDeadline(timeouts.Dial); err != nil {
		return PhaseAuth, err
	}
	return PhaseAuth, client.Auth(auth)
}

// startTLS fails where the server does not offer it: falling back to clear
// text is what a man in the middle would wish for.
func startTLS(client *smtp.Client, account Account, timeouts Timeouts) error {
	if offered, _ := client.Extension("STARTTLS"); !offered {
		return errors.New("the server does not offer STARTTLS")
	}
	if err := client.UpdateDeadline(timeouts.Dial); err != nil {
		return err
	}
	return client.StartTLS(account.tlsConfig())
}

// mechanism prefers what every provider understands. Without TLS we are on
// loopback, where a password may go in clear.
func mechanism(client *smtp.Client, account Account) (smtp.Auth, error) {
	_, offer := client.Extension("AUTH")
	offered := map[string]bool{}
	for _, name := range strings.Fields(strings.ToUpper(offer)) {
		offered[name] = true
	}
	clear := account.TLS == TLSNone
	switch {
	case offered["PLAIN"]:
		return smtp.PlainAuth("", account.User, account.Password, account.Host, clear), nil
	case offered["LOGIN"]:
		return smtp.LoginAuth(account.User, account.Password, account.Host, clear), nil
	case offered["SCRAM-SHA-256"]:
		return smtp.ScramSHA256Auth(account.User, account.Password), nil
	}
	return nil, fmt.Errorf("%w (AUTH %q)", errNoLogin, offer)
}

func openError(phase string, err error) *OpenError {
	result := outreach.DeliveryResult{Delivery: outreach.DeliveryNotSent, Phase: phase}
	var coded *textproto.Error
	if errors.As(err, &coded) {
		result.Code = coded.Code
		result.Enhanced, result.Text = tidy(coded.Msg)
	} else {
		_, result.Text = tidy(err.Error())
	}
	return &OpenError{Result: result, Err: err}
}
