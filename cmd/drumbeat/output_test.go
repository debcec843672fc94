package main

import (
	"testing"

	"drumbeat/internal/outreach"
)

func TestAWordThatIsNoneIsRefusedWithThoseThatThereAre(t *testing.T) {
	for value, want := range map[outreach.WebhookState]string{
		"":       "",
		"failed": "",
		"fialed": `--state "fialed": it is one of planned, claimed, accepted, completed, failed, skipped, cancelled`,
	} {
		got := ""
		if err := oneOf("--state", value, outreach.WebhookStates()); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}
