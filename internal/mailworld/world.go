package mailworld

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2/imapserver"

	"drumbeat/internal/clock"
)

// Options are how a world is made. Clock is needed; the zero values of the
// others give a quiet, fast, open world.
type Options struct {
	Clock  clock.Clock  // sales time
	Logger *slog.Logger // nil: silent

	Mailboxes []string // addresses with INBOX, Junk and Sent; the user name is the address
	Password  string   // for SMTP and IMAP; empty: SMTP asks for none and IMAP takes any

	TLS          *tls.Config   // offers STARTTLS in SMTP and IMAP; nil: not
	FilesSent    bool          // file what is accepted in the sender's Sent folder, as some providers do
	NoPipelining bool          // do not announce PIPELINING (RFC 2920)
	Latency      time.Duration // machine time before every group of SMTP answers

	LogFile    string // accepts are appended here too, as JSON lines without the raw mail
	DiscardRaw bool   // keep no mails in memory: for millions of them; Duplicates needs them

	Script Script // what leads do
	// Post makes a one-click unsubscribe (RFC 8058) to the URL in a mail; nil: none can be made.
	Post func(ctx context.Context, url string) error
}

// World is the servers and the leads behind them.
type World struct {
	options Options
	ctx     context.Context // ends with Close, so that no scripted delay outlives it
	cancel  context.CancelFunc
	running sync.WaitGroup
	closed  sync.Once

	smtp      net.Listener
	imap      net.Listener
	imapHost  *imapserver.Server
	mailboxes mailboxes
	dialogues atomic.Int64
	flushes   atomic.Int64
	faults    faultTable

	mu      sync.Mutex
	accepts []Accept
	seq     int
	logFile *os.File
	conns   map[net.Conn]bool
	queue   eventQueue
	heard   map[string]int // mails accepted for an address
	events  int            // scheduled so far: the tie-breaker and the source of ids
	acting  int            // reactions being carried out
}

// New starts the servers on free loopback ports.
func New(options Options) (*World, error) {
	if options.Clock == nil {
		return nil, errors.New("mail world: no clock")
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &World{options: options, ctx: ctx, cancel: cancel, conns: map[net.Conn]bool{}, heard: map[string]int{}}
	w.mailboxes.init(options.Password)
	if err := w.start(); err != nil {
		return nil, errors.Join(fmt.Errorf("mail world: %w", err), w.Close())
	}
	return w, nil
}

func (w *World) start() (err error) {
	for _, address := range w.options.Mailboxes {
		if err := w.AddMailbox(address); err != nil {
			return err
		}
	}
	w.SetScript(w.options.Script)
	if w.options.LogFile != "" {
		w.logFile, err = os.OpenFile(w.options.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
	}
	if w.smtp, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	if w.imap, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	w.running.Go(w.serveSMTP)
	w.serveIMAP()
	return nil
}

// SMTPAddr is where the SMTP server listens.
func (w *World) SMTPAddr() *net.TCPAddr { return w.smtp.Addr().(*net.TCPAddr) }

// IMAPAddr is where the IMAP server listens.
func (w *World) IMAPAddr() *net.TCPAddr { return w.imap.Addr().(*net.TCPAddr) }

// OpenDialogues counts the mails that are on their way in: from MAIL to the
// end of the answer to the dot.
func (w *World) OpenDialogues() int { return int(w.dialogues.Load()) }

// Flushes counts how often the SMTP server has spoken: one for each group of
// answers, and so one for each round trip of a client.
func (w *World) Flushes() int { return int(w.flushes.Load()) }

// Close ends all connections and waits until nothing of the world runs. A
// second call does nothing.
func (w *World) Close() (err error) {
	w.closed.Do(func() { err = w.close() })
	return err
}

func (w *World) close() error {
	w.cancel()
	var errs []error
	if w.smtp != nil {
		errs = append(errs, w.smtp.Close())
	}
	if w.imapHost != nil {
		errs = append(errs, w.imapHost.Close())
	} else if w.imap != nil {
		errs = append(errs, w.imap.Close())
	}
	w.mu.Lock()
	for conn := range w.conns {
		_ = conn.Close()
	}
	w.mu.Unlock()
	w.running.Wait()
	if w.logFile != nil {
		errs = append(errs, w.logFile.Close())
	}
	return errors.Join(errs...)
}
