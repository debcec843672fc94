package mailbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"drumbeat/internal/outreach"
)

// Folders gives the names of the folders that can be opened.
func (s *Session) Folders(ctx context.Context) ([]string, error) {
	list, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(list))
	for _, folder := range list {
		names = append(names, folder.Mailbox)
	}
	return names, nil
}

func (s *Session) list(ctx context.Context) (folders []*imap.ListData, err error) {
	var options *imap.ListOptions
	if s.caps.Has(imap.CapSpecialUse) && s.caps.Has(imap.CapListExtended) || s.caps.Has(imap.CapIMAP4rev2) {
		options = &imap.ListOptions{ReturnSpecialUse: true}
	}
	err = s.guard(ctx, func() error {
		folders, err = s.client.List("", "*", options).Collect()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("imap: list: %w", err)
	}
	return slices.DeleteFunc(folders, func(folder *imap.ListData) bool {
		return slices.Contains(folder.Attrs, imap.MailboxAttrNoSelect) || slices.Contains(folder.Attrs, imap.MailboxAttrNonExistent)
	}), nil
}

// SentFolder finds where the account keeps what it sent: the folder with the
// special use \Sent (RFC 6154), else one with a usual name. ok is false when
// there is none.
func (s *Session) SentFolder(ctx context.Context) (name string, ok bool, err error) {
	list, err := s.list(ctx)
	if err != nil {
		return "", false, err
	}
	for _, folder := range list {
		if slices.Contains(folder.Attrs, imap.MailboxAttrSent) {
			return folder.Mailbox, true, nil
		}
	}
	for _, usual := range sentNames() {
		for _, folder := range list {
			if strings.EqualFold(leaf(folder), usual) {
				return folder.Mailbox, true, nil
			}
		}
	}
	return "", false, nil
}

// leaf is the last part of a folder's path.
func leaf(folder *imap.ListData) string {
	if folder.Delim == 0 {
		return folder.Mailbox
	}
	return folder.Mailbox[strings.LastIndex(folder.Mailbox, string(folder.Delim))+1:]
}

// sentNames are what providers and mail programs call the folder.
func sentNames() []string {
	return []string{
		"Sent", "Sent Items", "Sent Messages", "Sent Mail", "Gesendet", "Gesendete Elemente", "Gesendete Objekte",
		"Éléments envoyés", "Messages envoyés", "Envoyés", "Elementos enviados", "Enviados", "Verzonden items", "Verzonden",
		"Posta inviata", "Inviati", "Inviata",
	}
}

// Append files a copy of a mail, marked as read, with date as its time of
// arrival.
func (s *Session) Append(ctx context.Context, folder string, raw []byte, date time.Time) error {
	return s.guard(ctx, func() error {
		command := s.client.Append(folder, int64(len(raw)), &imap.AppendOptions{Time: date, Flags: []imap.Flag{imap.FlagSeen}})
		_, writeErr := command.Write(raw)
		if err := command.Close(); err != nil && writeErr == nil {
			writeErr = err
		}
		if _, err := command.Wait(); err != nil {
			return folderError(folder, err)
		}
		if writeErr != nil {
			return fmt.Errorf("imap: append to %q: %w", folder, writeErr)
		}
		return nil
	})
}

// FindMessageID tells whether a folder holds a mail with a Message-ID (with or
// without its angle brackets). It leaves that folder selected.
func (s *Session) FindMessageID(ctx context.Context, folder, id string) (bool, error) {
	if _, err := s.Select(ctx, folder); err != nil {
		return false, err
	}
	id = strings.Trim(id, "<>")
	if id == "" || strings.ContainsAny(id, "\r\n\x00") {
		return false, fmt.Errorf("%w: message id %q", outreach.ErrInvalid, id)
	}
	found := false
	err := s.guard(ctx, func() error {
		data, err := s.client.UIDSearch(&imap.SearchCriteria{
			Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: id}},
		}, nil).Wait()
		if err != nil {
			return fmt.Errorf("imap: search %q: %w", folder, err)
		}
		found = len(data.AllUIDs()) > 0
		return nil
	})
	return found, err
}
