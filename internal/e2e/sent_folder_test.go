package e2e

import (
	"bytes"
	"context"
	"net/mail"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"drumbeat/internal/app"
	"drumbeat/internal/clock"
	"drumbeat/internal/embedded/redistest"
	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
	"drumbeat/internal/roster"
)

// sentHouse sends one mail to each lead from a mailbox with the given setting.
func sentHouse(t *testing.T, copies roster.SentCopy, leads int, world mailworld.Options) (*house, *clock.Stepped) {
	t.Helper()
	stepped := clock.NewStepped(time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC))
	file, templates := oneMail("0s")
	h := newHouse(t, houseOptions{clock: stepped, mailboxes: 1, leads: leads, sequence: file, templates: templates, redis: redistest.New(t), world: world})
	h.StateDir = t.TempDir()
	h.team.Mailboxes[0].SentCopy = copies
	return h, stepped
}

// inSent counts the mails in the Sent folder, and those among them that lie there
// twice.
func (h *house) inSent() (mails, doubles int) {
	h.t.Helper()
	session, err := app.OpenIMAP(h.t.Context(), h.team.Mailboxes[0])
	h.must(err)
	defer session.Close()
	_, err = session.Select(h.t.Context(), "Sent")
	h.must(err)
	headers, err := session.Headers(h.t.Context(), 0, time.Time{}, 0)
	h.must(err)
	var ids []string
	for _, header := range headers {
		message, err := mail.ReadMessage(bytes.NewReader(header.Raw))
		h.must(err)
		id := message.Header.Get("Message-ID")
		if slices.Contains(ids, id) {
			doubles++
		}
		ids = append(ids, id)
	}
	return len(headers), doubles
}

func TestCopiesOfSentMailsLieInTheSentFolderOnce(t *testing.T) {
	t.Parallel()
	const leads = 5
	for name, test := range map[string]struct {
		copies   roster.SentCopy
		itself   bool // the server files what it accepts
		mails    int
		learnt   outreach.Filing
		waitMore bool // copies of auto mailboxes wait for the server
	}{
		"append":                               {copies: roster.SentCopyAppend, mails: leads},
		"append where the server files itself": {copies: roster.SentCopyAppend, itself: true, mails: leads},
		"none":                                 {copies: roster.SentCopyNone},
		"auto":                                 {copies: roster.SentCopyAuto, mails: leads, learnt: outreach.FilesNothing, waitMore: true},
		"auto where the server files itself":   {copies: roster.SentCopyAuto, itself: true, mails: leads, learnt: outreach.FilesItself, waitMore: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, stepped := sentHouse(t, test.copies, leads, mailworld.Options{FilesSent: test.itself})
			h.engine(app.AllRoles())
			until(t, "all mails are out", h.sentIs("5"))
			if test.waitMore {
				if mails, _ := h.inSent(); mails > 0 && !test.itself {
					t.Errorf("%d copies were filed before the server had its time", mails)
				}
				stepped.StepTo(stepped.Now().Add(3 * time.Minute))
				until(t, "it is known what the server does", func() bool { return h.text(`SELECT files_sent FROM mailboxes`) == string(test.learnt) })
			}
			until(t, "the copies are filed", func() bool { mails, _ := h.inSent(); return mails >= test.mails })
			if mails, doubles := h.inSent(); mails != test.mails || doubles != 0 {
				t.Errorf("%d mails in the Sent folder, %d of them twice; want %d", mails, doubles, test.mails)
			}
		})
	}
}

func TestACopyOfAnErasedLeadsMailIsNeverFiled(t *testing.T) {
	t.Parallel()
	h, stepped := sentHouse(t, roster.SentCopyAuto, 2, mailworld.Options{})
	h.engine(app.AllRoles())
	until(t, "all mails are out", h.sentIs("2"))
	waiting := func() int {
		copies, err := filepath.Glob(filepath.Join(h.StateDir, "spool", "*", "copies", "*", "*.eml"))
		h.must(err)
		return len(copies)
	}
	until(t, "both copies wait", func() bool { return waiting() == 2 })
	lead, err := h.DB.FindLead(t.Context(), leadAddress(0))
	h.must(err)
	h.must(h.EraseLead(t.Context(), lead))
	if got := waiting(); got != 1 {
		t.Errorf("%d copies wait after the erasure, want that of the other lead", got)
	}
	stepped.StepTo(stepped.Now().Add(3 * time.Minute))
	until(t, "what is left is filed", func() bool { return waiting() == 0 })
	if mails, _ := h.inSent(); mails != 1 {
		t.Errorf("%d mails in the Sent folder, want 1", mails)
	}
}

func TestAMailInDoubtThatLiesInTheSentFolderIsSent(t *testing.T) {
	t.Parallel()
	const leads = 2
	h, stepped := sentHouse(t, roster.SentCopyNone, leads, mailworld.Options{FilesSent: true})
	h.world.Fault(leadAddress(0), mailworld.Fault{At: mailworld.AtDot, Ending: mailworld.AcceptDrop})
	h.world.Fault(leadAddress(1), mailworld.Fault{At: mailworld.AtDot, Times: 1, Ending: mailworld.Drop})
	h.engine(app.AllRoles())
	states := func() string { return h.text(`SELECT state || ' ' || resolved_by FROM sends ORDER BY to_address`) }
	until(t, "the Sent folder was read", func() bool { return h.text(`SELECT count(*) FROM doubts WHERE looked_at IS NOT NULL`) == "1" })
	if got, want := states(), "sent sent_folder unknown "; got != want {
		t.Errorf("after the look: %q, want %q", got, want)
	}
	if got := h.text(`SELECT finding FROM doubts`); !strings.Contains(got, "proves nothing") {
		t.Errorf("finding %q", got)
	}
	stepped.StepTo(stepped.Now().Add(20 * time.Minute))
	until(t, "the policy has decided", func() bool { return states() == "sent sent_folder assumed_sent policy" })
	// The mail turns up late: evidence still counts.
	var id string
	h.must(h.DB.GetContext(context.WithoutCancel(t.Context()), &id, `SELECT message_id FROM sends WHERE state = 'assumed_sent'`))
	h.must(h.world.DeliverTo(mailboxAddress(0), "Sent", []byte("Message-ID: "+id+"\r\nSubject: late\r\n\r\nlate\r\n"), stepped.Now()))
	stepped.StepTo(stepped.Now().Add(time.Hour))
	until(t, "the late evidence is found", func() bool { return states() == "sent sent_folder sent sent_folder" })
}
