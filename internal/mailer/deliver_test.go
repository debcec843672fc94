package mailer_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/mailer"
	"drumbeat/internal/outreach"
)

// modes are the two ways to say MAIL, RCPT and DATA.
var modes = map[string]string{"pipelined": pipelining, "lock-step": "250 hello"}

func TestDeliverTellsHowTheDialogueEnded(t *testing.T) {
	cases := map[string]struct {
		answers map[string]string
		want    outreach.DeliveryResult
		usable  bool
	}{
		"accepted": {nil, outreach.DeliveryResult{
			Delivery: outreach.DeliveryAccepted, Code: 250, Enhanced: "2.0.0", Text: "queued", Phase: "dot"}, true},
		"MAIL deferred": {map[string]string{"MAIL": "451 4.3.0 later", "RCPT": "503 no", "DATA": "503 no"}, outreach.DeliveryResult{
			Delivery: outreach.DeliveryDeferred, Code: 451, Enhanced: "4.3.0", Text: "later", Phase: "mail"}, true},
		"RCPT refused": {map[string]string{"RCPT": "550 5.1.1 <jo@lead.example>: unknown", "DATA": "503 no"}, outreach.DeliveryResult{
			Delivery: outreach.DeliveryRefused, Code: 550, Enhanced: "5.1.1", Text: "<[address]>: unknown", Phase: "rcpt"}, true},
		"RCPT greylisted": {map[string]string{"RCPT": "450 try again", "DATA": "503 no"}, outreach.DeliveryResult{
			Delivery: outreach.DeliveryDeferred, Code: 450, Text: "try again", Phase: "rcpt"}, true},
		"DATA refused": {map[string]string{"DATA": "554 5.7.1 no"}, outreach.DeliveryResult{
			Delivery: outreach.DeliveryRefused, Code: 554, Enhanced: "5.7.1", Text: "no", Phase: "data"}, true},
		"dot refused": {map[string]string{"DOT": "554-5.7.1 spam\r\n554 5.7.1 see\tour page"}, outreach.DeliveryResult{
			Delivery: outreach.DeliveryRefused, Code: 554, Enhanced: "5.7.1", Text: "spam see our page", Phase: "dot"}, true},
		"dot deferred": {map[string]string{"DOT": "452 4.2.2 full"}, outreach.DeliveryResult{
			Delivery: outreach.DeliveryDeferred, Code: 452, Enhanced: "4.2.2", Text: "full", Phase: "dot"}, true},
		"421 at RCPT": {map[string]string{"RCPT": "421 4.3.2 shutting down"}, outreach.DeliveryResult{
			Delivery: outreach.DeliveryDeferred, Code: 421, Enhanced: "4.3.2", Text: "shutting down", Phase: "rcpt"}, false},
		"RSET fails after a refusal": {map[string]string{"RCPT": "550 no", "DATA": "503 no", "RSET": ""}, outreach.DeliveryResult{
			Delivery: outreach.DeliveryRefused, Code: 550, Text: "no", Phase: "rcpt"}, false},
		"closed at MAIL": {map[string]string{"MAIL": ""}, outreach.DeliveryResult{
			Delivery: outreach.DeliveryNotSent, Phase: "mail"}, false},
		"closed at DATA": {map[string]string{"DATA": ""}, outreach.DeliveryResult{
			Delivery: outreach.DeliveryNotSent, Phase: "data"}, false},
		"a strange answer to DATA": {map[string]string{"DATA": "250 fine"}, outreach.DeliveryResult{
			Delivery: outreach.DeliveryNotSent, Code: 250, Text: "fine", Phase: "data"}, false},
		"closed after the dot": {map[string]string{"DOT": ""}, outreach.DeliveryResult{
			Delivery: outreach.DeliveryUncertain, Phase: "dot"}, false},
		"nonsense after the dot": {map[string]string{"DOT": "what?"}, outreach.DeliveryResult{
			Delivery: outreach.DeliveryUncertain, Phase: "dot"}, false},
		"a code of no class after the dot": {map[string]string{"DOT": "354 more"}, outreach.DeliveryResult{
			Delivery: outreach.DeliveryUncertain, Code: 354, Text: "more", Phase: "dot"}, false},
	}
	for name, c := range cases {
		for mode, hello := range modes {
			t.Run(name+", "+mode, func(t *testing.T) {
				answers := map[string]string{"EHLO": hello}
				for command, answer := range c.answers {
					answers[command] = answer
				}
				conn := serve(t, answers).open(t)
				got := conn.Deliver(t.Context(), envelope, []byte(rawMail), yes)
				if c.want.Text == "" { // the network's words vary
					got.Text = ""
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("result (-want +got):\n%s", diff)
				}
				if conn.Usable() != c.usable {
					t.Errorf("Usable() = %v, want %v", conn.Usable(), c.usable)
				}
			})
		}
	}
}

func TestAConnectionCarriesTheNextMailAfterARefusal(t *testing.T) {
	for name, data := range map[string]string{"DATA refused too": "503 no", "354 nevertheless": "354 go on"} {
		for mode, hello := range modes {
			t.Run(name+", "+mode, func(t *testing.T) {
				s := serve(t, map[string]string{"EHLO": hello, "RCPT": "550 5.1.1 no", "DATA": data, "DOT": "554 no valid recipients"})
				conn := s.open(t)
				for range 2 {
					result := conn.Deliver(t.Context(), envelope, []byte(rawMail), func(context.Context) bool {
						t.Error("commit was asked for a refused recipient")
						return true
					})
					if result.Delivery != outreach.DeliveryRefused || result.Code != 550 || !conn.Usable() {
						t.Fatalf("result = %+v, usable %v", result, conn.Usable())
					}
				}
				_, mails, partials := s.seen()
				if strings.Join(append(mails, partials...), "") != "" {
					t.Errorf("a body went out: %q %q", mails, partials)
				}
			})
		}
	}
}

func TestTheDotGoesOnlyAfterTheCommitPoint(t *testing.T) {
	s := serve(t, map[string]string{"EHLO": pipelining})
	conn := s.open(t)
	result := conn.Deliver(t.Context(), envelope, []byte(rawMail), func(context.Context) bool {
		<-s.bodySeen // the whole body is there, the dot is not
		return false
	})
	if result.Delivery != outreach.DeliveryNotSent || result.Phase != mailer.PhaseCommit || conn.Usable() {
		t.Errorf("result = %+v, usable %v", result, conn.Usable())
	}
	again := s.open(t)
	if result := again.Deliver(t.Context(), envelope, []byte(rawMail), yes); result.Delivery != outreach.DeliveryAccepted {
		t.Errorf("result = %+v", result)
	}
	commands, mails, _ := s.seen()
	if want := []string{"Subject: hello\r\n\r\n..dotted\r\nlast line\r\n"}; !cmp.Equal(mails, want) {
		t.Errorf("mails = %q, want %q", mails, want)
	}
	if strings.Contains(strings.Join(commands, "\n"), "QUIT") {
		t.Errorf("QUIT was said after a denied commit: %q", commands)
	}
}

func TestAnAnswerBeforeTheDotIsNotTakenForItsAnswer(t *testing.T) {
	s := serve(t, map[string]string{"EHLO": pipelining, "DATA": "354 go on\r\n250 2.0.0 stray"})
	conn := s.open(t)
	result := conn.Deliver(t.Context(), envelope, []byte(rawMail), yes)
	if result.Delivery != outreach.DeliveryNotSent || conn.Usable() {
		t.Errorf("result = %+v, usable %v", result, conn.Usable())
	}
}

func TestEndingTheContextCountsByThePhase(t *testing.T) {
	t.Run("during the commit point nothing is sent", func(t *testing.T) {
		s := serve(t, map[string]string{"EHLO": pipelining})
		ctx, cancel := context.WithCancel(t.Context())
		result := s.open(t).Deliver(ctx, envelope, []byte(rawMail), func(context.Context) bool { cancel(); return true })
		if result.Delivery != outreach.DeliveryNotSent || result.Phase != mailer.PhaseDot {
			t.Errorf("result = %+v", result)
		}
	})
	t.Run("a silent server after the dot is uncertain", func(t *testing.T) {
		s := serve(t, map[string]string{"EHLO": pipelining, "DOT": "250-still thinking"}) // never ends its answer
		account := s.account()
		account.Timeouts.Dot = 20 * time.Millisecond
		conn, err := mailer.Open(t.Context(), account)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		result := conn.Deliver(t.Context(), envelope, []byte(rawMail), yes)
		if result.Delivery != outreach.DeliveryUncertain || conn.Usable() {
			t.Errorf("result = %+v, usable %v", result, conn.Usable())
		}
	})
}

func TestAPipelinedMailWaitsForTheServerTwice(t *testing.T) {
	s := serve(t, map[string]string{"EHLO": pipelining})
	conn := s.open(t)
	const mails = 20
	for range mails {
		conn.Deliver(t.Context(), envelope, []byte(rawMail), func(context.Context) bool { <-s.bodySeen; return true })
	}
	commands, _, _ := s.seen()
	if got, want := len(commands), 1+3*mails; got != want { // EHLO, and nothing but MAIL, RCPT, DATA
		t.Errorf("%d commands, want %d", got, want)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if most := 2 + 3*mails; s.reads > most { // the group, the body, the dot
		t.Errorf("the server read %d times for %d mails, want at most %d", s.reads, mails, most)
	}
}

func TestAnExpectedMailIsOpenedWithTheDotBeforeIt(t *testing.T) {
	s := serve(t, map[string]string{"EHLO": pipelining})
	conn := s.open(t)
	const mails = 20
	for i := range mails {
		if i < mails-1 {
			conn.Expect(envelope)
		}
		if got := conn.Deliver(t.Context(), envelope, []byte(rawMail), func(context.Context) bool { <-s.bodySeen; return true }); got.Delivery != outreach.DeliveryAccepted {
			t.Fatalf("mail %d: %+v", i, got)
		}
	}
	commands, got, _ := s.seen()
	if len(commands) != 1+3*mails || len(got) != mails {
		t.Errorf("%d commands and %d mails, want %d and %d", len(commands), len(got), 1+3*mails, mails)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if most := 3 + 2*mails; s.reads > most { // the body, and the dot with the next group
		t.Errorf("the server read %d times for %d mails, want at most %d", s.reads, mails, most)
	}
}

func TestAnExpectedMailMayBeRefusedOrNeverCome(t *testing.T) {
	other := outreach.Envelope{From: "dana@ours.example", To: "ann@lead.example"}
	t.Run("it is refused", func(t *testing.T) {
		s := serve(t, map[string]string{"EHLO": pipelining, "DOT": "451 4.3.0 later"})
		conn := s.open(t)
		conn.Expect(other)
		if got := conn.Deliver(t.Context(), envelope, []byte(rawMail), yes); got.Code != 451 || got.Phase != mailer.PhaseDot {
			t.Errorf("the first: %+v", got)
		}
		if got := conn.Deliver(t.Context(), other, []byte(rawMail), yes); got.Code != 451 || got.Phase != mailer.PhaseDot || !conn.Usable() {
			t.Errorf("the expected one: %+v, usable %v", got, conn.Usable())
		}
	})
	t.Run("another comes", func(t *testing.T) {
		s := serve(t, map[string]string{"EHLO": pipelining})
		conn := s.open(t)
		conn.Expect(other)
		conn.Deliver(t.Context(), envelope, []byte(rawMail), yes)
		got := conn.Deliver(t.Context(), envelope, []byte(rawMail), func(context.Context) bool { t.Error("commit was asked"); return true })
		if got.Delivery != outreach.DeliveryNotSent || got.Phase != mailer.PhaseMail || conn.Usable() {
			t.Errorf("result %+v, usable %v: want a connection to be made anew", got, conn.Usable())
		}
	})
	t.Run("none comes", func(t *testing.T) {
		s := serve(t, map[string]string{"EHLO": pipelining})
		conn := s.open(t)
		conn.Expect(other)
		conn.Deliver(t.Context(), envelope, []byte(rawMail), yes)
		conn.Quit()
		_, mails, partials := s.seen()
		if len(mails) != 1 || strings.Contains(strings.Join(partials, ""), "QUIT") {
			t.Errorf("mails %q, partials %q: QUIT must not go where a body is waited for", mails, partials)
		}
	})
	t.Run("it was expected behind a mail that never came to its dot", func(t *testing.T) {
		s := serve(t, map[string]string{"EHLO": pipelining, "RCPT": "550 5.1.1 no", "DATA": "503 no"})
		conn := s.open(t)
		conn.Expect(other)
		conn.Deliver(t.Context(), envelope, []byte(rawMail), yes)
		conn.Deliver(t.Context(), other, []byte(rawMail), yes)
		commands, _, _ := s.seen()
		if got := strings.Count(strings.Join(commands, "\n"), "MAIL"); got != 2 {
			t.Errorf("%d mails were opened, want 2: %q", got, commands)
		}
	})
}

func TestDeliverRefusesWhatMustNotReachTheWire(t *testing.T) {
	s := serve(t, map[string]string{"EHLO": pipelining})
	conn := s.open(t)
	cases := map[string]struct {
		envelope outreach.Envelope
		raw      string
	}{
		"a second command in the recipient": {outreach.Envelope{From: "a@b.example", To: "a@b.example>\r\nRCPT TO:<c@d.example"}, rawMail},
		"a second command in the sender":    {outreach.Envelope{From: "a@b.example\nDATA", To: "a@b.example"}, rawMail},
		"SMTPUTF8 where it is not offered":  {outreach.Envelope{From: "a@b.example", To: "jürgen@b.example"}, rawMail},
		"a bare LF":                         {envelope, "Subject: x\r\n\r\na\n.\nMAIL FROM:<x@y.example>\r\n"},
		"a bare CR":                         {envelope, "Subject: x\r\n\r\na\r.\r\n"},
		"a line too long":                   {envelope, strings.Repeat("a", 999) + "\r\n"},
	}
	for name, c := range cases {
		if got := conn.Deliver(t.Context(), c.envelope, []byte(c.raw), yes); got.Delivery != outreach.DeliveryRefused || got.Code != 0 {
			t.Errorf("%s: result = %+v, want refused by ourselves", name, got)
		}
	}
	if commands, _, _ := s.seen(); len(commands) != 1 || !conn.Usable() {
		t.Errorf("the server heard %q", commands)
	}
}

func TestInternationalAddressesUseSMTPUTF8(t *testing.T) {
	s := serve(t, map[string]string{"EHLO": "250-hello\r\n250-SMTPUTF8\r\n250 PIPELINING"})
	to := outreach.Envelope{From: "dana@ours.example", To: "jürgen@münchen.example"}
	if got := s.open(t).Deliver(t.Context(), to, []byte(rawMail), yes); got.Delivery != outreach.DeliveryAccepted {
		t.Fatalf("result = %+v", got)
	}
	commands, _, _ := s.seen()
	want := []string{"EHLO ours.example", "MAIL FROM:<dana@ours.example> SMTPUTF8 BODY=8BITMIME", "RCPT TO:<jürgen@xn--mnchen-3ya.example>", "DATA"}
	if diff := cmp.Diff(want, commands); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}
