package token_test

import (
	"strings"
	"testing"
	"time"

	"drumbeat/internal/token"
)

func TestACallbackIsKnownByItsEventAlone(t *testing.T) {
	keys := token.NewKeys([]byte("a secret of sixteen"))
	event := keys.Event("webhook:7:expandi")
	if event != keys.Event("webhook:7:expandi") {
		t.Error("another attempt would have another id")
	}
	if event == keys.Event("webhook:8:expandi") {
		t.Error("two events have one id")
	}
	good := keys.Callback(event)
	if got, ok := keys.VerifyCallback(good); !ok || got != event {
		t.Errorf("its own token: %q, %v", got, ok)
	}
	if got, ok := token.NewKeys([]byte("a new secret"), []byte("a secret of sixteen")).VerifyCallback(good); !ok || got != event {
		t.Error("a changed secret ends what was promised before")
	}
	for name, forged := range map[string]string{
		"the event alone":      event,
		"another event":        keys.Event("webhook:8:expandi") + good[strings.IndexByte(good, '.'):],
		"a mail's token":       keys.New(time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC), "webhook:7:expandi"),
		"more behind it":       good + "a",
		"capitals":             strings.ToUpper(good),
		"nothing":              "",
		"another installation": token.NewKeys([]byte("another secret of ours")).Callback(event),
	} {
		if got, ok := keys.VerifyCallback(forged); ok {
			t.Errorf("%s passes as %s", name, got)
		}
	}
	if _, ok := keys.Verify(good); ok {
		t.Error("a callback's token passes as that of a mail")
	}
}
