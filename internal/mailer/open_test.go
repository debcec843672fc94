package mailer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"drumbeat/internal/mailer"
	"drumbeat/internal/outreach"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestOpenSaysInWhichPhaseAndWithWhichCodeItFailed(t *testing.T) {
	const login = "250-hello\r\n250 AUTH PLAIN LOGIN"
	cases := map[string]struct {
		answers map[string]string
		want    outreach.DeliveryResult
		refused bool
	}{
		"busy greeting":  {map[string]string{"GREET": "421 4.3.2 busy"}, outreach.DeliveryResult{Code: 421, Enhanced: "4.3.2", Text: "busy", Phase: "dial"}, false},
		"wrong password": {map[string]string{"EHLO": login, "AUTH": "535 5.7.8 dana@ours.example: no"}, outreach.DeliveryResult{Code: 535, Enhanced: "5.7.8", Text: "[address]: no", Phase: "auth"}, true},
		"other login":    {map[string]string{"EHLO": login, "AUTH": "534-5.7.9 use an\r\n534 5.7.9 app password"}, outreach.DeliveryResult{Code: 534, Enhanced: "5.7.9", Text: "use an app password", Phase: "auth"}, true},
		"login later":    {map[string]string{"EHLO": login, "AUTH": "454 4.7.0 later"}, outreach.DeliveryResult{Code: 454, Enhanced: "4.7.0", Text: "later", Phase: "auth"}, false},
		"lost at login":  {map[string]string{"EHLO": login, "AUTH": ""}, outreach.DeliveryResult{Text: "EOF", Phase: "auth"}, false},
		"no login":       {nil, outreach.DeliveryResult{Text: `the server offers no login that we know (AUTH "")`, Phase: "auth"}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			account := serve(t, c.answers).account()
			account.User, account.Password = "dana@ours.example", "s3cret"
			_, err := mailer.Open(t.Context(), account)
			var open *mailer.OpenError
			if !errors.As(err, &open) {
				t.Fatalf("err = %v, want an OpenError", err)
			}
			c.want.Delivery = outreach.DeliveryNotSent
			if diff := cmp.Diff(c.want, open.Result); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if open.LoginRefused() != c.refused {
				t.Errorf("LoginRefused() = %v, want %v", open.LoginRefused(), c.refused)
			}
			if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "dana@") {
				t.Errorf("the error tells secrets: %v", err)
			}
		})
	}
}

func TestOpenNeverSendsAPasswordInClear(t *testing.T) {
	s := serve(t, map[string]string{"EHLO": "250-hello\r\n250 AUTH PLAIN"}) // a man in the middle has taken STARTTLS away
	account := s.account()
	account.TLS, account.User, account.Password = mailer.TLSStart, "dana@ours.example", "s3cret"
	var open *mailer.OpenError
	if _, err := mailer.Open(t.Context(), account); !errors.As(err, &open) || open.Result.Phase != mailer.PhaseStartTLS {
		t.Errorf("err = %v, want one at starttls", err)
	}
	commands, _, _ := s.seen()
	if strings.Contains(strings.Join(commands, " "), "AUTH") {
		t.Errorf("the server heard %q", commands)
	}
	account.TLS, account.Host = mailer.TLSNone, "smtp.ours.example"
	var problem *outreach.Problem
	if _, err := mailer.Open(t.Context(), account); !errors.As(err, &problem) || problem.Code != "SMTP_NOT_ENCRYPTED" {
		t.Errorf("err = %v, want SMTP_NOT_ENCRYPTED", err)
	}
}

func TestOpenEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, map[string]string{"EHLO": "250-never ends"})
	go func() {
		<-s.heard // EHLO
		cancel()
	}()
	if _, err := mailer.Open(ctx, s.account()); err == nil {
		t.Error("Open returned a connection to a server that says nothing")
	}
}
