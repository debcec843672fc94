package mailworld

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// folders are what each mailbox has, with their special uses (RFC 6154).
func folders() []imap.ListData {
	return []imap.ListData{
		{Mailbox: "INBOX", Delim: '/'},
		{Mailbox: "Junk", Delim: '/', Attrs: []imap.MailboxAttr{imap.MailboxAttrJunk}},
		{Mailbox: "Sent", Delim: '/', Attrs: []imap.MailboxAttr{imap.MailboxAttrSent}},
	}
}

// mailboxes are the reps' accounts.
type mailboxes struct {
	password string

	mu        sync.Mutex
	byAddress map[string]*imapmemserver.User
	idlers    map[chan struct{}]string // who idles, by the address of the mailbox
}

func (m *mailboxes) init(password string) {
	m.password, m.byAddress, m.idlers = password, map[string]*imapmemserver.User{}, map[chan struct{}]string{}
}

// wake tells those who idle in a mailbox that there is something to look at.
func (m *mailboxes) wake(address string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for idler, at := range m.idlers {
		if at != outreach.AddressKey(address) {
			continue
		}
		select {
		case idler <- struct{}{}:
		default: // it will look anyway
		}
	}
}

func (m *mailboxes) idle(idler chan struct{}, address string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.idlers[idler] = outreach.AddressKey(address)
}

func (m *mailboxes) leave(idler chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.idlers, idler)
}

// AddMailbox opens an account with INBOX, Junk and Sent; a known address keeps
// what it has.
func (w *World) AddMailbox(address string) error {
	m := &w.mailboxes
	m.mu.Lock()
	defer m.mu.Unlock()
	key := outreach.AddressKey(address)
	if m.byAddress[key] != nil {
		return nil
	}
	user := imapmemserver.NewUser(key, m.password)
	for _, folder := range folders() {
		if err := user.Create(folder.Mailbox, nil); err != nil {
			return fmt.Errorf("mailbox %s: %w", folder.Mailbox, err)
		}
	}
	m.byAddress[key] = user
	return nil
}

func (m *mailboxes) find(address string) (*imapmemserver.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	user := m.byAddress[outreach.AddressKey(address)]
	if user == nil {
		return nil, fmt.Errorf("mail world: no mailbox %q: %w", address, outreach.ErrNotFound)
	}
	return user, nil
}

func (m *mailboxes) has(address string) bool {
	_, err := m.find(address)
	return err == nil
}

// DeliverTo puts a message into a folder of a mailbox; at becomes its
// INTERNALDATE. Whoever idles there hears of it.
func (w *World) DeliverTo(address, folder string, raw []byte, at time.Time) error {
	user, err := w.mailboxes.find(address)
	if err != nil {
		return err
	}
	_, err = user.Append(folder, &literal{bytes.NewReader(raw)}, &imap.AppendOptions{Time: at.UTC()})
	if err != nil {
		return fmt.Errorf("mail world: deliver to %s: %w", folder, err)
	}
	w.mailboxes.wake(address)
	return nil
}

// UIDNext is the UID that the next message of a folder will get; 0 when there
// is no such folder. A reader that has seen every UID below it is up to date.
func (w *World) UIDNext(address, folder string) uint32 {
	user, err := w.mailboxes.find(address)
	if err != nil {
		return 0
	}
	status, err := user.Status(folder, &imap.StatusOptions{UIDNext: true})
	if err != nil {
		return 0
	}
	return uint32(status.UIDNext)
}

// literal makes a reader an IMAP literal.
type literal struct{ *bytes.Reader }

// Size is the length of what is left.
func (l *literal) Size() int64 { return int64(l.Len()) }

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
