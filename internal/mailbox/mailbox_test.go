package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"drumbeat/internal/clock"
	"drumbeat/internal/mailbox"
	"drumbeat/internal/mailbox/dovecottest"
	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// monday is in the past: Dovecot takes no time of arrival from the future.
var monday = time.Date(2024, 3, 4, 9, 0, 0, 0, time.UTC)

// TestSession tells every story to every kind of server, each with a fresh
// account.
func TestSession(t *testing.T) {
	stories := map[string]func(*testing.T, mailbox.Account){
		"a mailbox is read without a trace":                  readWithoutTrace,
		"Headers gives what is new":                          headersGiveWhatIsNew,
		"pages follow one another while mail comes and goes": pagesFollow,
		"Wait hears of new mail":                             waitHearsOfNewMail,
		"Wait is over after its time and with its context":   waitIsOver,
		"a server without IDLE is polled":                    pollHearsOfNewMail,
		"the sent folder is found and searched":              sentFolderIsFound,
		"errors say what is missing":                         errorsSayWhatIsMissing,
	}
	tell := func(name string, account func() mailbox.Account) {
		for title, story := range stories {
			t.Run(name+": "+title, func(t *testing.T) { story(t, account()) })
		}
	}
	memory := memoryServer(t)
	tell("memory server", memory)
	t.Run("Dovecot", func(t *testing.T) {
		s, next := dovecottest.Start(t), 0
		modes := map[mailbox.TLS]int{mailbox.TLSNone: s.Port, mailbox.TLSStart: s.Port, mailbox.TLSImplicit: s.TLSPort}
		for mode, port := range modes {
			for title, story := range stories {
				account := mailbox.Account{
					Host: s.Host, Port: port, User: s.Users[next], Password: s.Password, TLS: mode, InsecureTestRoots: s.Roots,
				}
				next++
				t.Run(string(mode)+": "+title, func(t *testing.T) { story(t, account) })
			}
		}
	})
}

// memoryServer gives accounts at a mail world.
func memoryServer(t *testing.T) func() mailbox.Account {
	w, err := mailworld.New(mailworld.Options{Clock: clock.NewStepped(monday), Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	next := 0
	return func() mailbox.Account {
		next++
		user := fmt.Sprintf("rep%d@example.test", next)
		if err := w.AddMailbox(user); err != nil {
			t.Fatal(err)
		}
		return mailbox.Account{Host: "127.0.0.1", Port: w.IMAPAddr().Port, User: user, Password: "secret", TLS: mailbox.TLSNone}
	}
}

func dial(t *testing.T, account mailbox.Account) *mailbox.Session {
	t.Helper()
	s, err := mailbox.Dial(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func mail(number int) []byte {
	return fmt.Appendf(nil, "From: jo@lead.example\r\nSubject: mail %d\r\nMessage-ID: <%d@lead.example>\r\n\r\nbody %d\r\n", number, number, number)
}

func put(t *testing.T, s *mailbox.Session, folder string, numbers ...int) {
	t.Helper()
	for _, number := range numbers {
		if err := s.Append(t.Context(), folder, mail(number), monday.AddDate(0, 0, number)); err != nil {
			t.Fatal(err)
		}
	}
}

func readWithoutTrace(t *testing.T, account mailbox.Account) {
	s := dial(t, account)
	put(t, s, "INBOX", 1, 2, 3)
	unsee(t, account)
	state, err := s.Select(t.Context(), "INBOX")
	if err != nil || state.UIDNext != 4 || state.UIDValidity == 0 || state.Name != "INBOX" {
		t.Fatalf("Select = %+v, %v", state, err)
	}
	headers, err := s.Headers(t.Context(), 0, time.Time{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []outreach.MailHeader{header(1), header(2), header(3)}
	if diff := cmp.Diff(want, headers); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	body, err := s.Body(t.Context(), 2, 0)
	if err != nil || string(body) != string(mail(2)) {
		t.Errorf("Body = %q, %v", body, err)
	}
	if body, err = s.Body(t.Context(), 2, 10); err != nil || string(body) != string(mail(2)[:10]) {
		t.Errorf("Body of ten bytes = %q, %v", body, err)
	}
	if unseen := countUnseen(t, account); unseen != 3 {
		t.Errorf("%d of 3 mails are unread after reading", unseen)
	}
}

func header(number int) outreach.MailHeader {
	raw := mail(number)
	return outreach.MailHeader{
		UID: uint32(number), InternalDate: monday.AddDate(0, 0, number), Size: int64(len(raw)), Raw: raw[:strings.Index(string(raw), "\r\n\r\n")+4],
	}
}

func headersGiveWhatIsNew(t *testing.T, account mailbox.Account) {
	s := dial(t, account)
	put(t, s, "INBOX", 1, 2, 3, 4, 5)
	if _, err := s.Select(t.Context(), "INBOX"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		after uint32
		since time.Time
		limit int
		want  []uint32
	}{
		{"all", 0, time.Time{}, 0, []uint32{1, 2, 3, 4, 5}},
		{"the first two", 0, time.Time{}, 2, []uint32{1, 2}},
		{"above three", 3, time.Time{}, 0, []uint32{4, 5}},
		{"above the last, which n:* still names", 5, time.Time{}, 0, nil},
		{"far above the last", 900, time.Time{}, 0, nil},
		{"since a day", 0, monday.AddDate(0, 0, 5), 0, []uint32{4, 5}},
	} {
		headers, err := s.Headers(t.Context(), c.after, c.since, c.limit)
		if err != nil {
			t.Fatal(err)
		}
		var got []uint32
		for _, h := range headers {
			got = append(got, h.UID)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// pagesFollow reads a folder page by page while mail comes and goes.
func pagesFollow(t *testing.T, account mailbox.Account) {
	reader, writer := dial(t, account), dial(t, account)
	put(t, writer, "INBOX", 1, 2, 3, 4, 5, 6)
	if _, err := reader.Select(t.Context(), "INBOX"); err != nil {
		t.Fatal(err)
	}
	var got []uint32
	read := func(limit int) {
		after := uint32(0)
		if len(got) > 0 {
			after = got[len(got)-1]
		}
		headers, err := reader.Headers(t.Context(), after, time.Time{}, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range headers {
			got = append(got, h.UID)
		}
	}
	read(2)
	expunge(t, account, 3, 4)
	put(t, writer, "INBOX", 7)
	for range 3 {
		read(2)
	}
	// A server may go on giving what it has not yet said to be gone.
	got = slices.DeleteFunc(got, func(uid uint32) bool { return uid == 3 || uid == 4 })
	if diff := cmp.Diff([]uint32{1, 2, 5, 6, 7}, got); diff != "" {
		t.Errorf("UIDs (-want +got):\n%s", diff)
	}
}

func waitHearsOfNewMail(t *testing.T, account mailbox.Account) {
	reader, writer := dial(t, account), dial(t, account)
	if _, err := reader.Select(t.Context(), "INBOX"); err != nil {
		t.Fatal(err)
	}
	for number := 1; number <= 3; number++ {
		waited := make(chan error, 1)
		go func() { waited <- reader.Wait(t.Context(), 10*time.Minute) }()
		put(t, writer, "INBOX", number)
		if err := <-waited; err != nil {
			t.Fatal(err)
		}
		headers, err := reader.Headers(t.Context(), uint32(number-1), time.Time{}, 0)
		if err != nil || len(headers) != 1 {
			t.Fatalf("after mail %d: %v, %v", number, headers, err)
		}
	}
}

// pollHearsOfNewMail forbids IDLE.
func pollHearsOfNewMail(t *testing.T, account mailbox.Account) {
	account.PollEvery = time.Millisecond
	reader, writer := dial(t, account), dial(t, account)
	mailbox.ForgetIdle(reader)
	if _, err := reader.Select(t.Context(), "INBOX"); err != nil {
		t.Fatal(err)
	}
	waited := make(chan error, 1)
	go func() { waited <- reader.Wait(t.Context(), 10*time.Minute) }()
	put(t, writer, "INBOX", 1)
	if err := <-waited; err != nil {
		t.Fatal(err)
	}
	if headers, err := reader.Headers(t.Context(), 0, time.Time{}, 0); err != nil || len(headers) != 1 {
		t.Errorf("Headers = %v, %v", headers, err)
	}
}

func waitIsOver(t *testing.T, account mailbox.Account) {
	s := dial(t, account)
	if _, err := s.Select(t.Context(), "INBOX"); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(t.Context(), time.Millisecond); err != nil {
		t.Errorf("Wait = %v after its time", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Wait(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait = %v, want Canceled", err)
	}
	if _, err := s.Headers(t.Context(), 0, time.Time{}, 0); err != nil {
		t.Errorf("the session is unusable after Wait: %v", err)
	}
}

func sentFolderIsFound(t *testing.T, account mailbox.Account) {
	s := dial(t, account)
	sent, ok, err := s.SentFolder(t.Context())
	if err != nil || !ok {
		t.Fatalf("SentFolder = %q, %v, %v", sent, ok, err)
	}
	if names, err := s.Folders(t.Context()); err != nil || len(names) < 2 {
		t.Errorf("Folders = %q, %v", names, err)
	}
	put(t, s, sent, 7)
	for id, want := range map[string]bool{"<7@lead.example>": true, "7@lead.example": true, "<8@lead.example>": false} {
		if got, err := s.FindMessageID(t.Context(), sent, id); err != nil || got != want {
			t.Errorf("FindMessageID(%s) = %v, %v, want %v", id, got, err, want)
		}
	}
}

func errorsSayWhatIsMissing(t *testing.T, account mailbox.Account) {
	s := dial(t, account)
	if _, err := s.Select(t.Context(), "Nowhere"); !errors.Is(err, outreach.ErrNotFound) {
		t.Errorf("Select of a missing folder: %v", err)
	}
	if _, err := s.Select(t.Context(), "INBOX"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Body(t.Context(), 99, 0); !errors.Is(err, outreach.ErrNotFound) {
		t.Errorf("Body of a missing message: %v", err)
	}
	if err := s.Append(t.Context(), "Nowhere", mail(1), monday); !errors.Is(err, outreach.ErrNotFound) {
		t.Errorf("Append to a missing folder: %v", err)
	}
	account.Password = "wrong"
	if _, err := mailbox.Dial(t.Context(), account); !errors.Is(err, mailbox.ErrLogin) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("Dial with a wrong password: %v", err)
	}
}

func TestDialNeverSendsAPasswordInClear(t *testing.T) {
	var problem *outreach.Problem
	_, err := mailbox.Dial(t.Context(), mailbox.Account{Host: "imap.ours.example", Port: 143, TLS: mailbox.TLSNone})
	if !errors.As(err, &problem) || problem.Code != "IMAP_NOT_ENCRYPTED" {
		t.Errorf("err = %v, want IMAP_NOT_ENCRYPTED", err)
	}
}

func TestASilentServerIsGivenUp(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	_, err = mailbox.Dial(t.Context(), mailbox.Account{Host: "127.0.0.1", Port: port, TLS: mailbox.TLSNone, Timeout: 20 * time.Millisecond})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err = %v, want DeadlineExceeded", err)
	}
}

func TestALostConnectionEndsWait(t *testing.T) {
	w, err := mailworld.New(mailworld.Options{Clock: clock.NewStepped(monday), Mailboxes: []string{"rep@example.test"}})
	if err != nil {
		t.Fatal(err)
	}
	s := dial(t, mailbox.Account{Host: "127.0.0.1", Port: w.IMAPAddr().Port, User: "rep@example.test", TLS: mailbox.TLSNone})
	if _, err := s.Select(t.Context(), "INBOX"); err != nil {
		t.Fatal(err)
	}
	waited := make(chan error, 1)
	go func() { waited <- s.Wait(t.Context(), time.Hour) }()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err == nil {
		t.Error("Wait returned nil though the server is gone")
	}
}

// client is an ordinary mail program at the same account.
func client(t *testing.T, account mailbox.Account) *imapclient.Client {
	t.Helper()
	address := net.JoinHostPort(account.Host, fmt.Sprint(account.Port))
	var c *imapclient.Client
	var err error
	options := &imapclient.Options{TLSConfig: testTLS(account)}
	switch account.TLS {
	case mailbox.TLSNone:
		c, err = imapclient.DialInsecure(address, options)
	case mailbox.TLSStart:
		c, err = imapclient.DialStartTLS(address, options)
	default:
		c, err = imapclient.DialTLS(address, options)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Login(account.User, account.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func unsee(t *testing.T, account mailbox.Account) {
	t.Helper()
	c := client(t, account)
	var all imap.UIDSet
	all.AddRange(1, 0)
	if err := c.Store(all, &imap.StoreFlags{Op: imap.StoreFlagsDel, Flags: []imap.Flag{imap.FlagSeen}}, nil).Close(); err != nil {
		t.Fatal(err)
	}
}

func expunge(t *testing.T, account mailbox.Account, uids ...imap.UID) {
	t.Helper()
	c, set := client(t, account), imap.UIDSetNum(uids...)
	if err := c.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.UIDExpunge(set).Close(); err != nil {
		t.Fatal(err)
	}
}

func countUnseen(t *testing.T, account mailbox.Account) int {
	t.Helper()
	data, err := client(t, account).UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	return len(data.AllUIDs())
}
