package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"drumbeat/internal/outreach"
)

// Session is a logged-in connection. Any error of a method other than
// outreach.ErrNotFound may mean that the connection is gone: close it and dial
// again. It is not safe for concurrent use.
type Session struct {
	account Account
	client  *imapclient.Client
	socket  net.Conn
	caps    imap.CapSet
	news    chan struct{} // holds one token when the server has told of new mail
	found   search
}

// Dial connects and logs in. The error wraps ErrLogin when the server is there
// and does not want us, and is an *outreach.Problem when the account must not be
// used as it is.
func Dial(ctx context.Context, account Account) (*Session, error) {
	account = account.withDefaults()
	if err := account.check(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, account.Timeout)
	defer cancel()
	socket, err := (&net.Dialer{}).DialContext(ctx, "tcp", account.address())
	if err != nil {
		return nil, fmt.Errorf("imap: %w", err)
	}
	s := &Session{account: account, socket: socket, news: make(chan struct{}, 1)}
	if err := s.guard(ctx, s.login); err != nil {
		if s.client != nil {
			_ = s.client.Close()
		}
		_ = socket.Close()
		return nil, err
	}
	return s, nil
}

// guard runs a command and closes the connection when it takes too long or ctx
// ends: the client library would wait for half an hour.
func (s *Session) guard(ctx context.Context, command func() error) error {
	return s.guardFor(ctx, s.account.Timeout, command)
}

func (s *Session) guardFor(ctx context.Context, most time.Duration, command func() error) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = s.socket.Close() })
	err := command()
	if !stop() {
		return fmt.Errorf("imap: %w", errors.Join(context.Cause(ctx), err))
	}
	return err
}

// login greets, encrypts and logs in.
func (s *Session) login() error {
	options := &imapclient.Options{
		TLSConfig:             s.account.tlsConfig(),
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: s.told},
	}
	switch s.account.TLS {
	case TLSStart:
		client, err := imapclient.NewStartTLS(s.socket, options)
		if err != nil {
			return fmt.Errorf("imap: starttls: %w", err)
		}
		s.client = client
	case TLSImplicit:
		s.client = imapclient.New(tls.Client(s.socket, s.account.tlsConfig()), options)
	default:
		s.client = imapclient.New(s.socket, options)
	}
	if err := s.client.WaitGreeting(); err != nil {
		return fmt.Errorf("imap: greeting: %w", err)
	}
	if err := s.authenticate(); err != nil {
		var answer *imap.Error
		if errors.As(err, &answer) && answer.Type == imap.StatusResponseTypeNo && !temporary(answer.Code) {
			return fmt.Errorf("imap: %w: %w", ErrLogin, err)
		}
		return fmt.Errorf("imap: login: %w", err)
	}
	s.caps = s.client.Caps()
	return nil
}

func (s *Session) authenticate() error {
	if s.client.State() == imap.ConnStateAuthenticated { // PREAUTH
		return nil
	}
	if s.client.Caps().Has(imap.CapLoginDisabled) {
		return s.client.Authenticate(sasl.NewPlainClient("", s.account.User, s.account.Password))
	}
	return s.client.Login(s.account.User, s.account.Password).Wait()
}

// temporary tells that a NO has to do with the server, not with us (RFC 5530).
func temporary(code imap.ResponseCode) bool {
	switch code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeServerBug, imap.ResponseCodeLimit:
		return true
	}
	return false
}

// told is called by the client's reader when the server says how many messages
// the folder holds.
func (s *Session) told(data *imapclient.UnilateralDataMailbox) {
	if data.NumMessages == nil {
		return
	}
	select {
	case s.news <- struct{}{}:
	default: // a token is there already
	}
}

// Select opens a folder for reading only. The error wraps outreach.ErrNotFound
// when there is none of that name.
func (s *Session) Select(ctx context.Context, folder string) (outreach.FolderState, error) {
	state := outreach.FolderState{Name: folder}
	s.found = search{}
	err := s.guard(ctx, func() error {
		data, err := s.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		var answer *imap.Error
		if errors.As(err, &answer) && answer.Type == imap.StatusResponseTypeNo && !temporary(answer.Code) {
			// Dovecot gives no code with it; a folder that cannot be opened is as good as none.
			return fmt.Errorf("imap: folder %q: %w: %w", folder, outreach.ErrNotFound, err)
		}
		if err != nil {
			return folderError(folder, err)
		}
		state.UIDValidity, state.UIDNext = data.UIDValidity, uint32(data.UIDNext)
		return nil
	})
	return state, err
}

func folderError(folder string, err error) error {
	var answer *imap.Error
	if errors.As(err, &answer) && (answer.Code == imap.ResponseCodeNonExistent || answer.Code == imap.ResponseCodeTryCreate) {
		return fmt.Errorf("imap: folder %q: %w", folder, outreach.ErrNotFound)
	}
	return fmt.Errorf("imap: folder %q: %w", folder, err)
}

// goodbye is how long Close waits for the server's farewell.
const goodbye = 2 * time.Second

// Close logs out and closes the connection; it does not matter whether the
// server still answers.
func (s *Session) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), goodbye)
	defer cancel()
	_ = s.guard(ctx, func() error { return s.client.Logout().Wait() })
	_ = s.client.Close()
	_ = s.socket.Close()
}
