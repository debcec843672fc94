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

// validate runs the command on files that it writes into a directory of their own,
// and gives the exit code and what was printed.
func validate(t *testing.T, files map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out, errOut bytes.Buffer
	code = run(context.Background(), append([]string{"sequence", "validate"}, args...), strings.NewReader(""), &out, &errOut)
	return code, out.String(), errOut.String()
}

const goodSequence = "version: 1\nid: hello\nowner: dana\nsteps: [{email: a.md}]\n"

func TestAValidFilePasses(t *testing.T) {
	code, out, _ := validate(t, map[string]string{"hello.yaml": goodSequence, "templates/a.md": "---\nsubject: Hi\n---\nHi"}, "hello.yaml")
	if want := "1 file checked: 0 errors, 0 warnings\n"; code != exitGood || out != want {
		t.Errorf("exit %d, output %q, want %q", code, out, want)
	}
}

func TestAFaultyFileFailsWithItsPlaceAndAWayOut(t *testing.T) {
	code, out, _ := validate(t, map[string]string{"hello.yaml": goodSequence + "goal: meetings\n", "templates/a.md": "---\nsubject: Hi\n---\nHi"}, ".")
	want := `hello.yaml:5:7: BAD_VALUE goal cannot be "meetings"
    5 | goal: meetings
      |       ^ did you mean meeting?
1 file checked: 1 error, 0 warnings
`
	if diff := cmp.Diff(want, out); diff != "" || code != exitBad {
		t.Errorf("exit %d (-want +got):\n%s", code, diff)
	}
}

func TestJSONAlwaysHasBothLists(t *testing.T) {
	type diagnostic struct {
		File               string
		Line, Column       int
		Code, Message, Fix string
	}
	type result struct{ Errors, Warnings []diagnostic }
	for name, test := range map[string]struct {
		files map[string]string
		code  int
		want  result
	}{
		"good": {map[string]string{"hello.yaml": goodSequence, "templates/a.md": "---\nsubject: Hi\n---\nHi"}, exitGood, result{[]diagnostic{}, []diagnostic{}}},
		"a template that may lie elsewhere": {map[string]string{"hello.yaml": goodSequence}, exitGood, result{[]diagnostic{}, []diagnostic{{
			"hello.yaml", 4, 17, "UNKNOWN_TEMPLATE", "there is no template a.md", "set DRUMBEAT_TEMPLATES_DIR to where your templates are",
		}}}},
		"a template that is not there": {map[string]string{"hello.yaml": goodSequence, "templates/b.md": "Hi"}, exitBad, result{[]diagnostic{{
			"hello.yaml", 4, 17, "UNKNOWN_TEMPLATE", "there is no template a.md", "did you mean b.md?",
		}}, []diagnostic{}}},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, _ := validate(t, test.files, "--json", "hello.yaml")
			var got result
			if err := json.Unmarshal([]byte(out), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" || code != test.code {
				t.Errorf("exit %d (-want +got):\n%s", code, diff)
			}
		})
	}
}

func TestWhatCannotBeReadIsNoFaultOfTheFile(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		code int
	}{
		"no such file":          {[]string{"none.yaml"}, exitUnreachable},
		"an empty directory":    {[]string{"."}, exitUnreachable},
		"no file named":         {nil, exitUsage},
		"a format nobody knows": {[]string{"--format", "xml", "none.yaml"}, exitUsage},
	} {
		t.Run(name, func(t *testing.T) {
			if code, _, stderr := validate(t, nil, test.args...); code != test.code || stderr == "" {
				t.Errorf("exit %d, want %d; said %q", code, test.code, stderr)
			}
		})
	}
}

func TestTheRosterBesideAFileNamesItsReps(t *testing.T) {
	roster := `version: 1
mailboxes: [{id: mary, address: mary@ours.example, smtp: {host: localhost, port: 25, tls: none}}]
reps: [{id: mary, name: Mary, email: mary@ours.example, timezone: Europe/Berlin}]
sender: {company: Ours, postal_address: 1 Example St}
`
	files := map[string]string{"hello.yaml": goodSequence, "mailboxes.yaml": roster, "templates/a.md": "---\nsubject: Hi\n---\nHi"}
	code, out, _ := validate(t, files, "--format", "github", "hello.yaml")
	want := "::error file=hello.yaml,line=3,col=8,title=UNKNOWN_REP::mailboxes.yaml has no rep \"dana\"%0Athere is: mary\n"
	if diff := cmp.Diff(want, out); diff != "" || code != exitBad {
		t.Errorf("exit %d (-want +got):\n%s", code, diff)
	}
}

// The cases of all codes, but for the file that is too large to be kept, through the
// command: what a check finds is also said.
func TestEveryCodeIsShown(t *testing.T) {
	t.Setenv("DRUMBEAT_TEMPLATES_DIR", "")
	const cases = "../../internal/sequence/testdata/bad/"
	entries, err := os.ReadDir(cases)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		code := strings.TrimSuffix(entry.Name(), ".yaml")
		if filepath.Ext(code) == ".golden" {
			continue
		}
		var out, errOut bytes.Buffer
		exit := run(t.Context(), []string{"sequence", "validate", cases + entry.Name()}, strings.NewReader(""), &out, &errOut)
		isWarning := strings.Contains(out.String(), ": warning: "+code+" ")
		if want := ": " + code + " "; !strings.Contains(out.String(), want) || (exit == exitGood) != isWarning || exit > exitBad {
			t.Errorf("%s: exit %d\n%s%s", code, exit, out.String(), errOut.String())
		}
	}
}
