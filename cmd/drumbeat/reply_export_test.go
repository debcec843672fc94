package main

import (
	"bytes"
	"context"
	"testing"
	"time"

	"drumbeat/internal/classify/learn"
	"drumbeat/internal/outreach"
)

// corrected stands for the database.
type corrected []outreach.Correction

func (c corrected) EachCorrection(_ context.Context, do func(outreach.Correction) error) error {
	for _, one := range c {
		if err := do(one); err != nil {
			return err
		}
	}
	return nil
}

func TestCorrectedRepliesComeBackAsCasesThatTrainingReads(t *testing.T) {
	received := time.Date(2031, 3, 4, 9, 0, 0, 0, time.UTC)
	raw := "From: Ana Ruiz <ana@lead.example>\r\nCc: Bo <bo@lead.example>\r\nSubject: Re: hello\r\nDate: Tue, 4 Mar 2031 09:00:00 +0000\r\n\r\n" +
		"We have spent it all.\r\n\r\nBest,\r\nAna\r\n\r\nOn Mon, 3 Mar 2031, Dana <dana@ours.example> wrote:\r\n> Do you have a budget?\r\n"
	bounce := "From: MAILER-DAEMON@lead.example\r\nSubject: failure\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nno\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"

	var out bytes.Buffer
	n, err := writeCases(context.Background(), corrected{
		{MessageID: 7, Raw: []byte(raw), ReceivedAt: received, Label: outreach.LabelPrice},
		{MessageID: 8, Raw: []byte(bounce), ReceivedAt: received, Label: outreach.LabelUnclear},
	}, &out)
	if err != nil || n != 1 {
		t.Fatalf("%d cases, %v; want the reply without the bounce", n, err)
	}
	cases, err := learn.ReadCases(&out, "exported")
	if err != nil || len(cases) != 1 {
		t.Fatalf("read %d cases back: %v", len(cases), err)
	}
	got, in := cases[0], cases[0].Input()
	if got.ID != "message-7" || got.Label != outreach.LabelPrice || got.ReplyText != "We have spent it all." || got.Language != "en" || !got.Received.Equal(received) {
		t.Errorf("case %+v", got)
	}
	if in.From.Email != "ana@lead.example" || len(in.Cc) != 1 || in.Quoted != "Do you have a budget?" {
		t.Errorf("input %+v", in)
	}
}
