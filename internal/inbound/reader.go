package inbound

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// Session is an open connection to one of our mailboxes. It must leave no trace
// there: EXAMINE and PEEK, no flag set.
type Session interface {
	// Select opens a folder; outreach.ErrNotFound when there is none.
	Select(ctx context.Context, folder string) (outreach.FolderState, error)
	// Headers gives up to limit messages with higher UIDs that arrived since
	// then, in the order of their UIDs; none when there are no more.
	Headers(ctx context.Context, afterUID uint32, since time.Time, limit int) ([]outreach.MailHeader, error)
	// Body gives the first limit octets of a message; outreach.ErrNotFound when
	// it is gone.
	Body(ctx context.Context, uid uint32, limit int64) ([]byte, error)
	// Wait returns when the selected folder has changed, or after d.
	Wait(ctx context.Context, d time.Duration) error
	Close()
}

// Inbox keeps what was read.
type Inbox interface {
	Ledger
	BeginPass(ctx context.Context, mailbox outreach.MailboxID) (outreach.InboxPass, error)
	Cursor(ctx context.Context, mailbox outreach.MailboxID, folder string) (outreach.InboxCursor, error)
	// KnownContent gives those of the keys that the mailbox has already stored.
	KnownContent(ctx context.Context, mailbox outreach.MailboxID, keys []string) (map[string]bool, error)
	// Ingest takes a batch in: one transaction, the cursor last.
	Ingest(ctx context.Context, batch outreach.InboxBatch) (outreach.Taken, error)
	// FinishPass says that everything up to the begin of the pass was read.
	FinishPass(ctx context.Context, mailbox outreach.MailboxID, pass outreach.InboxPass) error
	// HoldHandwritten holds the enrolments of leads to whom a rep wrote by hand,
	// once for each mail, and moves the cursor of the Sent folder. It says how many
	// it held.
	HoldHandwritten(ctx context.Context, batch outreach.SentBatch) (int, error)
}

// Bell asks that a stored message is looked at soon. A lost bell costs time and
// nothing else: a sweeper finds the message.
type Bell interface {
	RingReply(ctx context.Context, id outreach.MessageID) error
}

// Watcher counts. All methods must be quick.
type Watcher interface {
	MessageTaken(mailbox outreach.MailboxID, method outreach.MatchMethod)
	PassDone(mailbox outreach.MailboxID, took time.Duration, err error)
}

// Reader brings the mail of one mailbox into the database.
type Reader struct {
	MailboxID outreach.MailboxID
	Folders   []string // the first is where answers arrive; the others may be missing
	Dial      func(ctx context.Context) (Session, error)
	Inbox     Inbox
	Tokens    Tokens
	Bell      Bell
	Watch     Watcher
	Clock     clock.Clock
	Machine   clock.Machine
	Log       *slog.Logger
	PollEvery time.Duration // 0: a minute
	Backoff   time.Duration // before the first new try to connect, doubled by each; 0: a second
	PageSize  int           // headers at a time; 0: 200

	unreadable map[string]int // how often a body could not be fetched, by folder, validity and UID
}

const (
	defaultPage = 200
	maxBody     = 25 << 20 // a larger mail is only begun
	beginning   = 1 << 20  // of a larger mail: its text stands first, what is large comes later
	bodyTries   = 3        // then a message is stored without its body
)

// ReadOnce reads what is new in all folders and says how many messages were
// stored. Without an error everything that lay in the mailbox at the begin of
// the pass is in the database, and what it is about is held.
func (r *Reader) ReadOnce(ctx context.Context, session Session) (int, error) {
	pass, err := r.Inbox.BeginPass(ctx, r.MailboxID)
	if err != nil {
		return 0, fmt.Errorf("begin pass: %w", err)
	}
	taken := 0
	// A Sent folder that cannot be read must not keep answers out; a connection that
	// is gone shows at the next folder.
	if err := r.readSent(ctx, session, pass); err != nil {
		r.Log.WarnContext(ctx, "what was sent could not be read", "mailbox", r.MailboxID, "error", err)
	}
	// The first folder comes last, so that it is the one selected for waiting.
	for i, folder := range slices.Backward(r.Folders) {
		n, err := r.readFolder(ctx, session, folder, pass, r.takePage)
		taken += n
		if errors.Is(err, outreach.ErrNotFound) && i > 0 {
			continue
		}
		if err != nil {
			return taken, fmt.Errorf("read folder %s: %w", folder, err)
		}
	}
	if err := r.Inbox.FinishPass(ctx, r.MailboxID, pass); err != nil {
		return taken, fmt.Errorf("finish pass: %w", err)
	}
	return taken, nil
}

// takePage stores what there is to store of a page, moves the cursor behind it
// and says how many messages were taken.
type takePage func(ctx context.Context, session Session, cursor *outreach.InboxCursor, page []outreach.MailHeader, pass outreach.InboxPass) (int, error)

func (r *Reader) readFolder(ctx context.Context, session Session, folder string, pass outreach.InboxPass, take takePage) (int, error) {
	state, err := session.Select(ctx, folder)
	if err != nil || pass.Since == nil {
		return 0, err
	}
	cursor, err := r.Inbox.Cursor(ctx, r.MailboxID, folder)
	if err != nil {
		return 0, fmt.Errorf("cursor: %w", err)
	}
	if cursor.UIDValidity != state.UIDValidity { // the folder was rebuilt: read it again, copies are recognised
		cursor.UIDValidity, cursor.LastUID = state.UIDValidity, 0
	}
	size, taken := cmp.Or(r.PageSize, defaultPage), 0
	for {
		page, err := session.Headers(ctx, cursor.LastUID, *pass.Since, size)
		if err != nil {
			return taken, fmt.Errorf("headers: %w", err)
		}
		before := cursor.LastUID
		n, err := take(ctx, session, &cursor, page, pass)
		taken += n
		if err != nil || cursor.LastUID == before { // a short page is not yet the last: mail may vanish while it is read
			return taken, err
		}
	}
}

// takePage stores what is ours of a page and moves the cursor behind it.
func (r *Reader) takePage(ctx context.Context, session Session, cursor *outreach.InboxCursor, page []outreach.MailHeader, pass outreach.InboxPass) (int, error) {
	sights := r.fresh(cursor, page)
	if len(sights) == 0 {
		return 0, nil
	}
	keys := make([]string, len(sights))
	for i, s := range sights {
		keys[i] = s.header.contentKey()
	}
	about, err := knownAbout(ctx, r.Inbox, r.MailboxID, sights, r.Clock.Now())
	if err != nil {
		return 0, err
	}
	stored, err := r.Inbox.KnownContent(ctx, r.MailboxID, keys)
	if err != nil {
		return 0, fmt.Errorf("known content: %w", err)
	}
	p := pager{Reader: r, session: session, cursor: cursor, about: about, stored: stored, own: pass.Own}
	for i, s := range sights {
		if err := p.take(ctx, s, keys[i]); err != nil {
			return p.taken, fmt.Errorf("uid %d: %w", s.mail.UID, err)
		}
	}
	return p.taken, p.flush(ctx, nil)
}

// fresh looks at those headers of a page that lie behind the cursor.
func (r *Reader) fresh(cursor *outreach.InboxCursor, page []outreach.MailHeader) []sight {
	sights := make([]sight, 0, len(page))
	for _, mail := range page {
		if mail.UID > cursor.LastUID { // "n:*" always gives the last message (RFC 3501, section 6.4.8)
			sights = append(sights, r.look(mail))
		}
	}
	return sights
}

// look reads a header block. Should a parser panic on one, the message is taken
// in by its body and put before a person; it must not end the reader.
func (r *Reader) look(mail outreach.MailHeader) (s sight) {
	defer func() {
		if cause := recover(); cause != nil {
			r.Log.Error("header not understood", "mailbox", r.MailboxID, "uid", mail.UID, "error", cause)
			s = sight{mail: mail, header: header{}, machine: true}
		}
	}()
	return look(mail, r.Tokens.Find)
}

// pager goes through one page in the order of UIDs.
type pager struct {
	*Reader
	session Session
	cursor  *outreach.InboxCursor
	about   known
	stored  map[string]bool
	own     []string
	others  []outreach.NotOurs // not yet written
	reached uint32             // the highest UID looked at
	taken   int
}

func (p *pager) take(ctx context.Context, s sight, key string) error {
	match := p.about.match(s)
	switch {
	case p.stored[key]:
		p.reached = s.mail.UID
		return nil
	case p.isOwn(s), match.Method == outreach.MatchNone && !s.machine:
		p.leave(s)
		return nil
	}
	raw, truncated, err := p.body(ctx, s)
	if errors.Is(err, outreach.ErrNotFound) {
		p.reached = s.mail.UID
		return nil
	}
	if err != nil {
		return err
	}
	if match.Method == outreach.MatchNone {
		if match, err = p.insideReport(ctx, raw); err != nil {
			return err
		}
	}
	if s.id == "" { // its header alone may be that of another one too
		key += bodySum(raw)
	}
	p.reached = s.mail.UID
	return p.flush(ctx, &outreach.Arrival{
		UID: s.mail.UID, ContentKey: key, ReceivedAt: s.mail.InternalDate, From: s.from, Subject: s.subject,
		RFCMessageID: s.id, Raw: raw, Truncated: truncated, Match: match,
	})
}

// isOwn tells copies of what we or our reps wrote: they are no replies.
func (p *pager) isOwn(s sight) bool {
	_, ours := p.about.sent[s.id]
	return ours || slices.Contains(p.own, s.sender)
}

// leave notes a message that is not ours.
func (p *pager) leave(s sight) {
	p.reached = s.mail.UID
	p.others = append(p.others, outreach.NotOurs{
		UID: s.mail.UID, ReceivedAt: s.mail.InternalDate, SenderDomain: storable(outreach.Domain(s.from.Email), maxLine), Company: s.company,
	})
}

// flush writes what was seen since the last flush and, with it, one message.
func (p *pager) flush(ctx context.Context, arrival *outreach.Arrival) error {
	next := *p.cursor
	next.LastUID = p.reached
	batch := outreach.InboxBatch{Cursor: next, NotOurs: p.others, Arrival: arrival, At: p.Clock.Now()}
	taken, err := p.Inbox.Ingest(ctx, batch)
	if errors.Is(err, outreach.ErrInvalid) {
		p.Log.WarnContext(ctx, "message stored without what its header says", "mailbox", p.MailboxID, "uid", p.reached, "error", err)
		taken, err = p.Inbox.Ingest(ctx, bare(batch))
	}
	if err != nil {
		return fmt.Errorf("ingest: %w", err)
	}
	*p.cursor, p.others = next, nil
	if taken.MessageID == 0 {
		return nil
	}
	p.taken++
	p.Watch.MessageTaken(p.MailboxID, arrival.Match.Method)
	p.Log.InfoContext(ctx, "message taken in", "mailbox", p.MailboxID, "message_id", taken.MessageID,
		"match", arrival.Match.Method, "lead_id", arrival.Match.LeadID, "held", taken.Held)
	if err := p.Bell.RingReply(ctx, taken.MessageID); err != nil {
		p.Log.DebugContext(ctx, "bell not rung", "message_id", taken.MessageID, "error", err)
	}
	return nil
}

// bare is a batch without the words that came from outside, for a database that
// refuses one of them: whatever it was, it must not keep all later mail out. The
// message as it came, and what it holds, stay.
func bare(batch outreach.InboxBatch) outreach.InboxBatch {
	others := slices.Clone(batch.NotOurs)
	for i := range others {
		others[i].SenderDomain, others[i].Company = "", ""
	}
	batch.NotOurs = others
	if batch.Arrival != nil {
		arrival := *batch.Arrival
		arrival.From, arrival.Subject, arrival.RFCMessageID = outreach.Address{}, "", ""
		batch.Arrival = &arrival
	}
	return batch
}

// body fetches a message. One whose body the server will not give is stored with
// its header alone in the end: it must not keep all later mail out.
func (p *pager) body(ctx context.Context, s sight) (raw []byte, truncated bool, err error) {
	limit := int64(maxBody)
	if s.mail.Size > maxBody {
		limit, truncated = beginning, true
	}
	raw, err = p.session.Body(ctx, s.mail.UID, limit)
	if err == nil || errors.Is(err, outreach.ErrNotFound) || ctx.Err() != nil {
		return raw, truncated, err
	}
	at := fmt.Sprintf("%s/%d/%d", p.cursor.Folder, p.cursor.UIDValidity, s.mail.UID)
	if p.unreadable == nil {
		p.Reader.unreadable = make(map[string]int)
	}
	if p.unreadable[at]++; p.unreadable[at] < bodyTries {
		return nil, false, fmt.Errorf("body: %w", err)
	}
	delete(p.unreadable, at)
	return slices.Concat(s.mail.Raw, []byte("\r\n")), true, nil
}

// insideReport looks for the Message-IDs of our mails in a report or an
// automatic answer whose header names none. Encoded parts are left to the
// processor.
func (r *Reader) insideReport(ctx context.Context, raw []byte) (outreach.Match, error) {
	head, tail := raw[:min(len(raw), maxHeader)], raw[max(len(raw)-maxHeader, 0):]
	text := string(bytes.Join([][]byte{head, tail}, []byte("\n")))
	s := sight{answers: messageIDs(text), tokens: r.Tokens.Find(text)}
	about, err := knownAbout(ctx, r.Inbox, r.MailboxID, []sight{s}, r.Clock.Now())
	if err != nil {
		return outreach.Match{}, err
	}
	return about.match(s), nil
}
