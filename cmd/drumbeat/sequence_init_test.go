package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/leadfile"
)

func sequenceCommand(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = run(context.Background(), append([]string{"sequence"}, args...), strings.NewReader(""), &out, &errOut)
	return code, out.String(), errOut.String()
}

// Valid, and yet not to be sent: what a team has to say itself is warned about.
func TestWhatInitWritesIsValidAsItStands(t *testing.T) {
	t.Chdir(t.TempDir())
	if code, _, errOut := sequenceCommand(t, "init"); code != exitGood {
		t.Fatalf("init: exit %d, %s", code, errOut)
	}
	code, out, _ := sequenceCommand(t, "validate", "sequences")
	if want := "2 files checked: 0 errors, 3 warnings\n"; code != exitGood || !strings.HasSuffix(out, want) || strings.Count(out, "PLACEHOLDER_LEFT") != 3 {
		t.Errorf("validate: exit %d, output %q, want %q", code, out, want)
	}
	for _, name := range []string{"frameworks/bant.yaml", "signatures/alex.md", "schema/sequence.json"} {
		if _, err := os.Stat(filepath.Join("sequences", name)); err != nil {
			t.Error(err)
		}
	}
}

func TestTheLeadsThatInitWritesCanBeImported(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	if code, _, errOut := sequenceCommand(t, "init", dir); code != exitGood {
		t.Fatalf("init: exit %d, %s", code, errOut)
	}
	file, err := os.Open(filepath.Join(dir, "leads.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, err := leadfile.NewReader(file, validZone())
	if err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || row.Refused != nil {
			t.Fatalf("line %d: refused %v, %v", row.Line, row.Refused, err)
		}
		addresses = append(addresses, row.Lead.Email)
	}
	if diff := cmp.Diff([]string{"ann@acme.example", "sam@globex.example"}, addresses); diff != "" {
		t.Errorf("leads (-want +got):\n%s", diff)
	}
}

func TestInitOverwritesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("sequences", 0o755); err != nil {
		t.Fatal(err)
	}
	const mine = "version: 1 # mine\n"
	if err := os.WriteFile("sequences/mailboxes.yaml", []byte(mine), 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, errOut := sequenceCommand(t, "init")
	if code != exitBad || !strings.Contains(errOut, "sequences/mailboxes.yaml is there already; nothing was written") {
		t.Errorf("exit %d, %q", code, errOut)
	}
	entries, err := os.ReadDir("sequences")
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files, %v; want the one that was there", len(entries), err)
	}
	if got, err := os.ReadFile("sequences/mailboxes.yaml"); err != nil || string(got) != mine {
		t.Errorf("mailboxes.yaml is now %q, %v", got, err)
	}
}

// Editors find the schema beside the shipped sequences, which name it in their
// first line.
func TestTheSchemaFileIsWhatTheGeneratorWrites(t *testing.T) {
	want, err := sequenceSchema()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../sequences/schema/sequence.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run: drumbeat sequence schema > sequences/schema/sequence.json (-want +got):\n%s", diff)
	}
}
