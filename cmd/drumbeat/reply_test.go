package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReplyClassifyAnswersEveryFileAndEndsBadlyWhenOneCannotBeRead(t *testing.T) {
	mail := filepath.Join(t.TempDir(), "answer.eml")
	content := "From: Ana <ana@lead.example>\nSubject: Re: hello\nDate: Tue, 3 Jun 2025 10:00:00 +0200\n\nPlease take me off your list.\n"
	if err := os.WriteFile(mail, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "missing.eml")

	var out, errOut bytes.Buffer
	code := run(context.Background(), []string{"reply", "classify", "--json", missing, mail}, nil, &out, &errOut)
	if code != exitBad {
		t.Errorf("exit code %d, want %d; stderr %s", code, exitBad, errOut.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d answers for 2 files:\n%s", len(lines), out.String())
	}
	var failed, answer map[string]any
	for i, into := range []*map[string]any{&failed, &answer} {
		if err := json.Unmarshal([]byte(lines[i]), into); err != nil {
			t.Fatalf("line %d: %v", i, err)
		}
	}
	if diff := cmp.Diff(map[string]any{"file": missing, "error": "no such file or directory"}, failed); diff != "" {
		t.Errorf("unread file (-want +got):\n%s", diff)
	}
	keys := "file kind label confidence abstained secondary return_on follow_up_on contact competitor language reply_text evidence days recipients model"
	for _, key := range strings.Fields(keys) {
		if _, ok := answer[key]; !ok {
			t.Errorf("key %s is missing", key)
		}
	}
	if answer["kind"] != "human" || answer["label"] != "unsubscribe" {
		t.Errorf("kind %v, label %v; want human, unsubscribe", answer["kind"], answer["label"])
	}
}
