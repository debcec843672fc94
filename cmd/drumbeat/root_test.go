package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
)

func TestARefusalSaysWhatToDo(t *testing.T) {
	dir := installation(t)
	leads := write(t, dir, "march.csv", "email,first_name,company\nann@acme.example,Ann,Acme\n")
	drumbeat(t, exitGood, "sequence", "apply")
	drumbeat(t, exitGood, "lead", "import", leads, "--list", "march")
	write(t, dir, "mailboxes.yaml", "version: 1\n")
	for _, test := range []struct {
		want string
		args []string
	}{
		{"Usage: drumbeat enrol SEQUENCE --list NAME", []string{"enrol"}},
		{"Usage: drumbeat simulate SEQUENCE.yaml", []string{"simulate", "--nonsense"}},
		{"there is: march", []string{"enrol", "saas-founders", "--list", "mach"}},
		{"drumbeat sequence list", []string{"enrol", "saas-founder", "--list", "march"}},
		{"drumbeat lead list", []string{"explain", "nobody@acme.example"}},
		{"name the file of one sequence, such as " + filepath.Join(dir, "first-contact.yaml"), []string{"simulate", dir, "--leads", leads}},
		{"name the file of one sequence", []string{"simulate", filepath.Join(dir, "mailboxes.yaml"), "--leads", leads}},
		{"is not an address", []string{"sequence", "test-send", "saas-founders", "--lead", "ann@acme.example", "--to", "me"}},
	} {
		var errOut bytes.Buffer
		if run(context.Background(), test.args, strings.NewReader(""), &bytes.Buffer{}, &errOut) == exitGood || !strings.Contains(errOut.String(), test.want) {
			t.Errorf("%s: %q does not say %q", strings.Join(test.args, " "), errOut.String(), test.want)
		}
	}
}
