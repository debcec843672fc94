package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// mostCopies bounds what waits of one mailbox: a Sent folder that cannot be
// reached for long must not fill the disk.
const mostCopies = 2000

// Copies keeps sent mails until they are filed in their mailbox's Sent folder:
// a file a mail. They are not synced, because nothing hangs on them.
type Copies struct{ Dir string }

// Copy is one mail that waits.
type Copy struct {
	RFCMessageID string
	At           time.Time // sales time at which it was accepted
	path         string
}

// copyName is the sales time in milliseconds and the Message-ID without brackets.
var copyName = regexp.MustCompile(`^(\d{1,19})\.([A-Za-z0-9.@_-]{1,200})\.eml$`)

// Add keeps a mail.
func (c Copies) Add(mailbox outreach.MailboxID, rfcMessageID string, at time.Time, raw []byte) error {
	name := fmt.Sprintf("%d.%s.eml", at.UnixMilli(), strings.Trim(rfcMessageID, "<>"))
	if !copyName.MatchString(name) {
		return fmt.Errorf("copy: %w: name %q", outreach.ErrInvalid, name)
	}
	dir := c.of(mailbox)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	waiting, err := os.ReadDir(dir)
	if err == nil && len(waiting) > mostCopies {
		err = fmt.Errorf("%d copies wait already", mostCopies)
	}
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	file, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	_, err = file.Write(raw)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("copy: %w", err)
	}
	return nil
}

// of is the directory of a mailbox, whose id is a plain name.
func (c Copies) of(mailbox outreach.MailboxID) string {
	return filepath.Join(c.Dir, "copies", filepath.Base(string(mailbox)))
}

// Waiting gives the copies of a mailbox, the oldest first.
func (c Copies) Waiting(mailbox outreach.MailboxID) ([]Copy, error) {
	names, err := os.ReadDir(c.of(mailbox))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("copies: %w", err)
	}
	var waiting []Copy
	for _, name := range names {
		match := copyName.FindStringSubmatch(name.Name())
		if match == nil {
			continue
		}
		ms, err := strconv.ParseInt(match[1], 10, 64)
		if err != nil {
			continue
		}
		waiting = append(waiting, Copy{
			RFCMessageID: "<" + match[2] + ">", At: time.UnixMilli(ms).UTC(), path: filepath.Join(c.of(mailbox), name.Name()),
		})
	}
	return waiting, nil
}

// Lock lets one process of the machine file a mailbox's copies; nil: another does.
func (c Copies) Lock(mailbox outreach.MailboxID) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(c.of(mailbox), ".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("copies: %w", err)
	}
	free, err := lock(file)
	if err != nil || !free {
		return nil, errors.Join(err, file.Close())
	}
	return func() { _ = file.Close() }, nil
}

// Raw reads the mail.
func (c Copy) Raw() ([]byte, error) { return os.ReadFile(c.path) }

// Remove forgets it.
func (c Copy) Remove() error { return os.Remove(c.path) }
