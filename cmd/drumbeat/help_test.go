package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "write the golden file of the help anew")

// TestTheHelpReadsAsItsGoldenFile covers the commands of leads and sequences;
// the whole text is one file, so that a reviewer reads it as a user would.
func TestTheHelpReadsAsItsGoldenFile(t *testing.T) {
	var b strings.Builder
	for _, line := range []string{
		"lead", "lead import", "lead list", "lead show", "lead pause", "lead resume", "lead stop", "lead export", "lead erase", "enrol",
		"suppress add", "suppress import", "suppress list", "mailbox list", "mailbox pause", "sequence plan", "sequence apply", "sequence rollback", "sequence list",
		"sequence preview", "sequence test-send", "sequence pause", "simulate", "explain", "serve", "status", "sends list", "sends resolve", "sends resume-after-restore", "doctor", "config", "migrate",
	} {
		b.WriteString("$ drumbeat " + line + " --help\n")
		if code := run(context.Background(), append(strings.Fields(line), "--help"), nil, &b, &b); code != exitGood {
			t.Errorf("%s --help: exit %d", line, code)
		}
		b.WriteString("\n")
	}
	path := filepath.Join("testdata", "help.txt")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("help (-want +got):\n%s", diff)
	}
}

func TestEveryCommandHasAnExample(t *testing.T) {
	var check func(*cobra.Command)
	check = func(command *cobra.Command) {
		if !command.HasSubCommands() && !command.Hidden && command.Example == "" {
			t.Errorf("%s has no example", command.CommandPath())
		}
		for _, below := range command.Commands() {
			check(below)
		}
	}
	check(newRoot())
}
