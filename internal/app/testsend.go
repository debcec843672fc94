package app

import (
	"context"
	"crypto/rand"
	"fmt"

	"drumbeat/internal/mailer"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

// TestMail is one test mail and what became of it.
type TestMail struct {
	Step    outreach.StepID
	Subject string
	State   outreach.SendState
	Answer  string // of the server, or why there was none
}

// TestSend mails steps as a lead would get them to somebody of the team, through
// the engine: its rows stand in the ledger with the purpose test, under a lease, past
// the commit point. Caps, gaps and windows do not bind them, nothing else of the
// mailbox goes out with them but digests and alerts that are due, and the lead hears
// nothing. They carry no List-Unsubscribe: a click must take nobody off.
func (b *Base) TestSend(ctx context.Context, team *Team, from outreach.MailboxID, to string, steps []outbound.PreviewedStep) ([]TestMail, error) {
	mailbox, ok := team.Mailbox(from)
	if !ok {
		return nil, fmt.Errorf("mailbox %q: %w", from, outreach.ErrNotFound)
	}
	rehearsal, err := b.DB.Rehearsal(ctx)
	if err != nil {
		return nil, err
	}
	run := rand.Text()
	var mails []TestMail
	var keys []string
	for _, step := range steps {
		if step.Content.Subject == "" || step.Needs != "" {
			continue
		}
		now, key := b.Clock.Now(), "test:"+run+":"+string(step.ID)
		n := outreach.Notice{
			Purpose: outreach.PurposeTest, DedupeKey: key, RFCMessageID: b.messageIDs(team)(from, key, now), MailboxID: from, To: to, DueAt: now,
			Frozen: outreach.Frozen{Subject: "[test] " + step.Content.Subject},
		}
		content := step.Content
		content.Subject = n.Frozen.Subject
		if n.Frozen.Raw, err = mailer.Build(outreach.Mail{
			Content: content, From: team.senders[from].Address, To: outreach.Address{Email: to}, RFCMessageID: n.RFCMessageID, Date: now,
		}); err != nil {
			return nil, fmt.Errorf("build %s: %w", step.ID, err)
		}
		if _, err := b.DB.AddNotice(ctx, n, now); err != nil {
			return nil, err
		}
		mails, keys = append(mails, TestMail{Step: step.ID, Subject: step.Content.Subject}), append(keys, key)
	}
	if err := b.sendNotices(ctx, team, mailbox.ID, rehearsal); err != nil {
		return nil, err
	}
	for i, key := range keys {
		if mails[i].State, mails[i].Answer, err = b.DB.NoticeState(ctx, key); err != nil {
			return nil, err
		}
	}
	return mails, nil
}

// noticesAlone are the claims of a process that must send no step: a test must not
// begin a campaign.
type noticesAlone struct{ *postgres.DB }

// ClaimSteps claims nothing.
func (noticesAlone) ClaimSteps(context.Context, outreach.ClaimRequest) ([]outreach.Claimed, int, error) {
	return nil, 0, nil
}

// sendNotices sends what is due from a mailbox and no enrolment drives. When another
// process is at the mailbox, that one sends it.
func (b *Base) sendNotices(ctx context.Context, team *Team, from outreach.MailboxID, rehearsal string) error {
	rules, err := team.rules()
	if err != nil {
		return err
	}
	e := &Engine{base: b, options: EngineOptions{Team: team, RedirectAllTo: rehearsal}, process: rand.Text(), committer: postgres.NewCommitter(b.DB, b.Clock.Now)}
	defer e.committer.Close()
	if e.digester, err = b.NewDigester(team); err != nil {
		return err
	}
	e.sender = e.newSender(rules)
	e.sender.Claims = noticesAlone{b.DB}
	defer e.sender.Close()
	e.keeper = e.newKeeper()
	if err := e.keeper.Beat(ctx); err != nil {
		return err
	}
	living, stop := context.WithCancel(ctx)
	e.parts.Go(func() { e.keeper.Run(living) })
	err = e.sender.SendDue(ctx, from)
	stop()
	e.parts.Wait()
	if left := e.keeper.Leave(context.WithoutCancel(ctx)); err == nil {
		err = left
	}
	return err
}
