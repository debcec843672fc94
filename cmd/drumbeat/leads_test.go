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

	"drumbeat/internal/postgres/pgtest"
)

// installation points the environment at an empty database and a directory of
// its own, and gives that directory.
func installation(t *testing.T) string {
	t.Helper()
	t.Setenv("DATABASE_URL", pgtest.URL(t))
	t.Setenv("DRUMBEAT_STATE_DIR", t.TempDir())
	t.Setenv("DRUMBEAT_SECRET", "a secret of this test")
	t.Setenv("DRUMBEAT_SEQUENCES_DIR", "")
	t.Setenv("DRUMBEAT_TEMPLATES_DIR", "")
	t.Setenv("DRUMBEAT_BASE_URL", "")
	t.Setenv("USER", "tester")
	return t.TempDir()
}

// drumbeat runs a command line, which must end with the exit code, and gives
// what it printed.
func drumbeat(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	if got := run(context.Background(), args, strings.NewReader(""), &out, &errOut); got != want {
		t.Fatalf("drumbeat %s: exit %d, want %d\n%s%s", strings.Join(args, " "), got, want, out.String(), errOut.String())
	}
	return out.String()
}

func drumbeatJSON(t *testing.T, args ...string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(drumbeat(t, exitGood, append(args, "--json")...)), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWhatWouldDoNothingIsRefused(t *testing.T) {
	dir := installation(t)
	drumbeat(t, exitGood, "lead", "import", write(t, dir, "leads.csv", "email\nann@acme.example\n"), "--list", "march")
	drumbeat(t, exitUsage, "lead", "pause", "ann@acme.example", "--until", "tomorrow")
	drumbeat(t, exitUsage, "lead", "pause", "ann@acme.example", "--until", "2020-01-01")
	drumbeat(t, exitGood, "lead", "pause", "ann@acme.example", "--until", "2999-01-01")
	drumbeat(t, exitGood, "lead", "resume", "ann@acme.example")
	drumbeat(t, exitGood, "lead", "stop", "ann@acme.example")
	drumbeat(t, exitBad, "lead", "resume", "ann@acme.example") // a stop is not undone
	drumbeat(t, exitBad, "lead", "list", "--list", "april")
	drumbeat(t, exitUsage, "lead", "list", "--limit", "-1")
	drumbeat(t, exitUsage, "sends", "list", "--limit", "0")
}

func TestFromAListToASequenceByTheCommands(t *testing.T) {
	dir := installation(t)
	file := write(t, dir, "march.csv", "email;first_name;country;region;company\nann@acme.example;Ann;US;California;Acme\nbob@never.example;;DE;;\nbroken;;;;\n")
	drumbeat(t, exitGood, "suppress", "add", "never.example")

	imported := drumbeatJSON(t, "lead", "import", file, "--list", "march", "--source", "fair")
	wantImport := map[string]any{
		"list": "march", "rows": 3.0, "added": 1.0, "updated": 0.0, "unchanged": 0.0, "refused": 2.0,
		"reasons":       map[string]any{"bad_address": 1.0, "suppressed": 1.0},
		"rejected_file": filepath.Join(dir, "march.rejected.csv"),
	}
	if diff := cmp.Diff(wantImport, imported); diff != "" {
		t.Errorf("import (-want +got):\n%s", diff)
	}
	rejected, err := os.ReadFile(filepath.Join(dir, "march.rejected.csv"))
	wantRejected := "rejected_line,rejected_reason,email,first_name,country,region,company\n" +
		"3,suppressed: the domain is suppressed: by hand,bob@never.example,,DE,,\n4,bad_address: no @,broken,,,,\n"
	if diff := cmp.Diff(wantRejected, string(rejected)); diff != "" || err != nil {
		t.Errorf("rejects %v (-want +got):\n%s", err, diff)
	}

	if out := drumbeat(t, exitGood, "sequence", "apply"); !strings.Contains(out, "saas-founders: revision 1, new") {
		t.Errorf("apply printed %q", out)
	}
	if out := drumbeat(t, exitGood, "sequence", "apply"); !strings.Contains(out, "saas-founders: revision 1, unchanged") {
		t.Errorf("a second apply printed %q", out)
	}
	if out := drumbeat(t, exitGood, "sequence", "preview", "saas-founders", "--lead", "ann@acme.example"); !strings.Contains(out, "Hi Ann") {
		t.Errorf("preview printed %q", out)
	}
	if got := drumbeatJSON(t, "enrol", "saas-founders", "--list", "march")["enrolled"]; got != 1.0 {
		t.Errorf("enrolled = %v, want 1", got)
	}
	again := drumbeatJSON(t, "enrol", "saas-founders", "--list", "march")
	if diff := cmp.Diff(map[string]any{"already_enrolled": 1.0}, again["skipped"]); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if out := drumbeat(t, exitGood, "explain", "ANN@acme.example"); !strings.Contains(out, "America/Los_Angeles (from the region)") {
		t.Errorf("explain printed %q", out)
	}
	drumbeat(t, exitGood, "lead", "stop", "ann@acme.example", "--reason", "a customer now")
	if out := drumbeat(t, exitGood, "explain", "ann@acme.example"); !strings.Contains(out, "stopped (stopped_by_rep) by tester: a customer now") {
		t.Errorf("explain printed %q", out)
	}
}

func TestAnExportIsReadBackWithoutChange(t *testing.T) {
	dir := installation(t)
	file := write(t, dir, "in.csv", "email,phone,seats\nann@acme.example,+49 30 1,40\n")
	drumbeat(t, exitGood, "lead", "import", file, "--list", "march")
	back := write(t, dir, "back.csv", drumbeat(t, exitGood, "lead", "export"))
	if got := drumbeatJSON(t, "lead", "import", back, "--list", "march")["unchanged"]; got != 1.0 {
		t.Errorf("unchanged = %v, want 1", got)
	}
}

func TestAnErasedLeadCannotComeBack(t *testing.T) {
	dir := installation(t)
	file := write(t, dir, "in.csv", "email\nann@acme.example\n")
	drumbeat(t, exitGood, "lead", "import", file, "--list", "march")
	drumbeat(t, exitUsage, "lead", "erase", "ann@acme.example")
	drumbeat(t, exitGood, "lead", "erase", "ann@acme.example", "--yes")
	drumbeat(t, exitBad, "lead", "show", "ann@acme.example")
	if got := drumbeatJSON(t, "lead", "import", file, "--list", "march")["refused"]; got != 1.0 {
		t.Errorf("refused = %v, want 1", got)
	}
}

func TestWhatCannotBeDoneHasItsExitCode(t *testing.T) {
	dir := installation(t)
	drumbeat(t, exitUsage, "lead", "import", "x.csv")
	drumbeat(t, exitUnreachable, "lead", "import", filepath.Join(dir, "none.csv"), "--list", "l")
	drumbeat(t, exitBad, "lead", "import", write(t, dir, "bad.csv", "name\nAnn\n"), "--list", "l")
	drumbeat(t, exitBad, "explain", "nobody@acme.example")
	drumbeat(t, exitBad, "enrol", "nothing", "--list", "none")
	drumbeat(t, exitBad, "suppress", "add", "not an address")
	drumbeat(t, exitBad, "suppress", "import", write(t, dir, "list.txt", "good.example\nnot good\n"))
	if out := drumbeat(t, exitGood, "suppress", "list", "--json"); !strings.Contains(out, `"suppressions":[]`) {
		t.Errorf("a refused file suppressed something: %s", out)
	}
	t.Setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none?sslmode=disable")
	drumbeat(t, exitUnreachable, "status")
}

func TestAFaultyFileIsShownAndNothingIsApplied(t *testing.T) {
	dir := installation(t)
	write(t, dir, "mailboxes.yaml", "version: 1\nmailboxes:\n  - {id: dana, address: dana@ours.example, rep: dana, smtp: {host: 127.0.0.1, port: 2525, tls: none}}\n"+
		"reps:\n  - {id: dana, name: Dana, email: dana@ours.example, timezone: Europe/Berlin}\nsender: {company: Ours, postal_address: here}\nnotify: {mailbox: dana}\n")
	write(t, dir, "good.yaml", "version: 1\nid: good\nowner: dana\nsteps: [{email: saas/intro.md}]\n")
	write(t, dir, "bad.yaml", "version: 1\nid: bad\nowner: dana\nsteps: [{email: saas/intr.md}]\n")
	if out := drumbeat(t, exitBad, "sequence", "apply", dir); !strings.Contains(out, "bad.yaml:4") || !strings.Contains(out, "did you mean") {
		t.Errorf("apply printed %q", out)
	}
	if out := drumbeat(t, exitGood, "sequence", "list", "--json"); !strings.Contains(out, `"sequences":[]`) {
		t.Errorf("something was applied: %s", out)
	}
	drumbeat(t, exitGood, "sequence", "apply", filepath.Join(dir, "good.yaml"))
}
