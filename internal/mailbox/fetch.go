package mailbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"drumbeat/internal/outreach"
)

// maxHeader bounds what is fetched of a header block, in bytes. Real ones are
// a few KiB; hostile ones have cost other readers hundreds of megabytes.
const maxHeader = 256 << 10

// Headers gives the messages of the selected folder with a UID above afterUID,
// in the order of their UIDs, at most limit of them (0: all). Messages that
// arrived before since are left out; IMAP knows only days, so some of the day
// before may come too. A zero since leaves out nothing.
func (s *Session) Headers(ctx context.Context, afterUID uint32, since time.Time, limit int) ([]outreach.MailHeader, error) {
	var headers []outreach.MailHeader
	err := s.guardFor(ctx, slow*s.account.Timeout, func() error {
		for len(headers) == 0 { // a page may be gone by the time it is fetched
			uids, err := s.page(afterUID, since, limit)
			if err != nil || len(uids) == 0 {
				return err
			}
			if headers, err = s.fetchHeaders(uids); err != nil {
				return err
			}
			afterUID = uint32(uids[len(uids)-1])
		}
		return nil
	})
	return headers, err
}

// slow is how many times longer than others a command may take that looks
// through a whole folder or moves a whole mail.
const slow = 5

// search is what the last search found and Headers has not yet given. Without
// it a first reading of a large folder would search the whole of it again for
// every page.
type search struct {
	after uint32
	since time.Time
	uids  []imap.UID
}

// page gives the next UIDs above afterUID.
func (s *Session) page(afterUID uint32, since time.Time, limit int) ([]imap.UID, error) {
	found := s.found
	if len(found.uids) == 0 || found.after != afterUID || !found.since.Equal(since) {
		uids, err := s.newer(afterUID, since)
		if err != nil {
			return nil, err
		}
		found = search{since: since, uids: uids}
	}
	uids := found.uids
	if limit > 0 && len(uids) > limit {
		uids = uids[:limit]
	}
	if found.uids = found.uids[len(uids):]; len(found.uids) > 0 {
		found.after = uint32(uids[len(uids)-1])
	}
	s.found = found
	return uids, nil
}

// newer finds the UIDs above afterUID. "n:*" also names the last message when
// its UID is below n (RFC 3501, section 6.4.8), so the answer is filtered.
func (s *Session) newer(afterUID uint32, since time.Time) ([]imap.UID, error) {
	var above imap.UIDSet
	above.AddRange(imap.UID(afterUID)+1, 0)
	criteria := &imap.SearchCriteria{UID: []imap.UIDSet{above}}
	if !since.IsZero() {
		criteria.Since = since.UTC().AddDate(0, 0, -1) // the server's day may begin elsewhere
	}
	data, err := s.client.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return nil, fmt.Errorf("imap: search: %w", err)
	}
	uids := slices.DeleteFunc(data.AllUIDs(), func(uid imap.UID) bool { return uint32(uid) <= afterUID })
	slices.Sort(uids)
	return uids, nil
}

func (s *Session) fetchHeaders(uids []imap.UID) ([]outreach.MailHeader, error) {
	if len(uids) == 0 {
		return nil, nil
	}
	messages, err := s.client.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{
		UID: true, InternalDate: true, RFC822Size: true,
		BodySection: []*imap.FetchItemBodySection{{
			Specifier: imap.PartSpecifierHeader, Peek: true, Partial: &imap.SectionPartial{Size: maxHeader},
		}},
	}).Collect()
	if err != nil {
		return nil, fmt.Errorf("imap: fetch headers: %w", err)
	}
	headers := make([]outreach.MailHeader, 0, len(messages))
	for _, message := range messages {
		raw, found := section(message)
		if !found {
			continue // the server only told of changed flags
		}
		headers = append(headers, outreach.MailHeader{
			UID: uint32(message.UID), InternalDate: message.InternalDate.UTC(), Size: message.RFC822Size, Raw: raw,
		})
	}
	slices.SortFunc(headers, func(a, b outreach.MailHeader) int { return int(int64(a.UID) - int64(b.UID)) })
	return headers, nil
}

// Body gives a message of the selected folder, or its first limit bytes (0: all
// of it). The error wraps outreach.ErrNotFound when it is gone.
func (s *Session) Body(ctx context.Context, uid uint32, limit int64) ([]byte, error) {
	item := &imap.FetchItemBodySection{Peek: true}
	if limit > 0 {
		item.Partial = &imap.SectionPartial{Size: limit}
	}
	var raw []byte
	err := s.guardFor(ctx, slow*s.account.Timeout, func() error {
		messages, err := s.client.Fetch(imap.UIDSetNum(imap.UID(uid)), &imap.FetchOptions{
			UID: true, BodySection: []*imap.FetchItemBodySection{item},
		}).Collect()
		if err != nil {
			return fmt.Errorf("imap: fetch message %d: %w", uid, err)
		}
		for _, message := range messages {
			if found := false; uint32(message.UID) == uid {
				if raw, found = section(message); found {
					return nil
				}
			}
		}
		return fmt.Errorf("imap: message %d: %w", uid, outreach.ErrNotFound)
	})
	return raw, err
}

func section(message *imapclient.FetchMessageBuffer) ([]byte, bool) {
	if message.UID == 0 || len(message.BodySection) == 0 {
		return nil, false
	}
	return message.BodySection[0].Bytes, true
}
