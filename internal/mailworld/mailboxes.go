package mailworld

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

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
