package mailworld

import (
	"fmt"
	"log/slog"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

func (w *World) serveIMAP() {
	w.imapHost = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &imapSession{mailboxes: &w.mailboxes, clock: w.options.Clock}, nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapSpecialUse: {}, imap.CapListExtended: {}},
		Logger:       imapLog{w.options.Logger},
		TLSConfig:    w.options.TLS,
		InsecureAuth: true,
	})
	w.running.Go(func() { _ = w.imapHost.Serve(w.imap) }) // ends with Close, which closes the listener
}

// imapLog takes what go-imap's server says about broken connections.
type imapLog struct{ logger *slog.Logger }

// Printf logs for those who debug a test.
func (l imapLog) Printf(format string, args ...any) {
	l.logger.Debug("imap server", "message", fmt.Sprintf(format, args...))
}

// imapSession is one IMAP connection: the memory server's session with special
// uses, and with sales time where that would take the machine's.
type imapSession struct {
	*imapmemserver.UserSession // nil before Login
	address                    string
	mailboxes                  *mailboxes
	clock                      clock.Clock
}

// Login takes any password when the world has none.
func (s *imapSession) Login(username, password string) error {
	user, err := s.mailboxes.find(username)
	if err != nil {
		return imapserver.ErrAuthFailed
	}
	if s.mailboxes.password != "" {
		if err := user.Login(outreach.AddressKey(username), password); err != nil {
			return err
		}
	}
	s.UserSession, s.address = imapmemserver.NewUserSession(user), username
	return nil
}

// Idle tells of news until stop closes. The memory server's own Idle stays
// silent about what came between the command before and the IDLE.
func (s *imapSession) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	news := make(chan struct{}, 1)
	s.mailboxes.idle(news, s.address)
	defer s.mailboxes.leave(news)
	for {
		if err := s.Poll(w, true); err != nil {
			return err
		}
		select {
		case <-news:
		case <-stop:
			return nil
		}
	}
}

// Append dates a message that comes without a date by sales time.
func (s *imapSession) Append(name string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	if options.Time.IsZero() {
		options.Time = s.clock.Now()
	}
	data, err := s.UserSession.Append(name, r, options)
	s.mailboxes.wake(s.address)
	return data, err
}

// List tells the folders with their special uses, which the memory server
// cannot be given.
func (s *imapSession) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	for _, folder := range folders() {
		if options.SelectSpecialUse && len(folder.Attrs) == 0 {
			continue
		}
		matches := func(pattern string) bool { return imapserver.MatchList(folder.Mailbox, '/', ref, pattern) }
		if !slices.ContainsFunc(patterns, matches) {
			continue
		}
		if err := w.WriteList(&folder); err != nil {
			return err
		}
	}
	return nil
}
