package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"drumbeat/internal/app"
	"drumbeat/internal/classify"
	"drumbeat/internal/classify/learn"
	"drumbeat/internal/config"
	"drumbeat/internal/outreach"
	"drumbeat/internal/roster"
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

func TestWhatRepsCorrectedDecidesInTheServiceAndIsNamed(t *testing.T) {
	dir := t.TempDir()
	cases, model := filepath.Join(dir, "cases.jsonl"), filepath.Join(dir, "model.bin")
	var out bytes.Buffer
	var corrections corrected
	for i, words := range []string{"flurbish the wombats", "kindly flurbish", "we flurbish on fridays", "flurbish, flurbish"} {
		corrections = append(corrections, outreach.Correction{
			MessageID: outreach.MessageID(i), ReceivedAt: time.Date(2031, 3, 4, 9, 0, 0, 0, time.UTC), Label: outreach.LabelPrice,
			Raw: []byte("From: Ana <ana@lead.example>\r\nSubject: Re: hello\r\n\r\n" + words + "\r\n"),
		})
	}
	if n, err := writeCases(context.Background(), corrections, &out); n != 4 || err != nil {
		t.Fatalf("%d cases, %v", n, err)
	}
	if err := os.WriteFile(cases, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var said, failed bytes.Buffer
	if code := run(context.Background(), []string{"reply", "train", "--alone", "--out", model, cases}, nil, &said, &failed); code != exitGood {
		t.Fatalf("train: exit code %d: %s", code, failed.String())
	}
	base := &app.Base{Config: config.Config{Model: model}}
	processor, err := base.NewProcessor(&app.Team{Roster: &roster.Roster{}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	shipped := classify.Classify(classify.Input{Text: "please flurbish"})
	got := processor.Classifier.Classify(classify.Input{Text: "please flurbish"})
	if got.Label != outreach.LabelPrice || got.Model == shipped.Model || got.Model == "" {
		t.Errorf("the service says %s by %s, the shipped model %s by %s", got.Label, got.Model, shipped.Label, shipped.Model)
	}
	base.Config.Model = cases
	var problem *outreach.Problem
	if _, err := base.NewProcessor(&app.Team{Roster: &roster.Roster{}}, nil); !errors.As(err, &problem) || problem.Code != "MODEL_INVALID" || problem.Fix == "" {
		t.Errorf("a file that is no model: %v", err)
	}
}
