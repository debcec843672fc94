package spool_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
	"drumbeat/internal/spool"
)

func note(id int) outreach.Accepted {
	messageID := fmt.Sprintf("<%d@ours.example>", id)
	return outreach.Accepted{
		SendID: outreach.SendID(id), Fence: 2, RFCMessageID: messageID, DedupeKey: fmt.Sprintf("step:%d:intro", id), StepIndex: 1,
		Recipient: outreach.RecipientMark(messageID, "dana@acme.example"), At: time.Date(2031, 3, 3, 9, 0, 0, id, time.UTC), Code: 250,
	}
}

func open(t *testing.T, dir, process string) *spool.Results {
	t.Helper()
	r, err := spool.OpenResults(dir, process)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// orphans reads and removes what the dead have left.
func orphans(t *testing.T, dir string) (notes []outreach.Accepted, bad int) {
	t.Helper()
	found, err := spool.Orphans(dir)
	must(t, err)
	for _, o := range found {
		notes, bad = append(notes, o.Notes...), bad+o.Bad
		must(t, o.Remove())
	}
	return notes, bad
}

// TestMain lets this test program be a process that notes and never ends by
// itself: somebody has to kill it.
func TestMain(m *testing.M) {
	dir := os.Getenv("SPOOL_TEST_DIR")
	if dir == "" {
		os.Exit(m.Run())
	}
	r, err := spool.OpenResults(dir, "victim")
	if err == nil {
		err = r.Accepted(note(1))
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("noted")
	select {}
}

func TestANoteOutlivesKillNine(t *testing.T) {
	dir := t.TempDir()
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), "SPOOL_TEST_DIR="+dir)
	out, err := victim.StdoutPipe()
	must(t, err)
	must(t, victim.Start())
	said := make([]byte, 6)
	if _, err := out.Read(said); err != nil || string(said) != "noted\n" {
		t.Fatalf("the victim said %q, %v", said, err)
	}
	if notes, _ := orphans(t, dir); len(notes) != 0 {
		t.Errorf("a living process's notes were taken: %+v", notes)
	}
	must(t, victim.Process.Kill())
	_ = victim.Wait() // it was killed
	notes, bad := orphans(t, dir)
	if diff := cmp.Diff([]outreach.Accepted{note(1)}, notes); diff != "" || bad != 0 {
		t.Errorf("%d bad lines; notes (-want +got):\n%s", bad, diff)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left in the directory: %v, %v", left, err)
	}
}

func TestWhatTheLedgerHasIsTrimmedAndTheRestStays(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, "p1")
	must(t, r.Accepted(note(1)))
	must(t, r.Accepted(note(2)))
	r.Settled(1, 2)
	r.Settled(2, 1) // another attempt's: not this note's
	must(t, r.Trim())
	must(t, r.Close())
	notes, _ := orphans(t, dir)
	if diff := cmp.Diff([]outreach.Accepted{note(1), note(2)}, notes); diff != "" {
		t.Errorf("a file goes as a whole (-want +got):\n%s", diff)
	}

	r = open(t, dir, "p2")
	must(t, r.Accepted(note(3)))
	r.Settled(3, 2)
	must(t, r.Trim())
	must(t, r.Accepted(note(4)))
	must(t, r.Close())
	if notes, bad := orphans(t, dir); len(notes) != 1 || notes[0].SendID != 4 || bad != 0 {
		t.Errorf("after a trim: %+v, %d bad", notes, bad)
	}

	r = open(t, dir, "p3")
	must(t, r.Accepted(note(5)))
	r.Settled(5, 2)
	must(t, r.Close())
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("a process that owes nothing left %v, %v", left, err)
	}
}

func TestAFullFileIsFollowedByAnotherAndRemovedWhenSettled(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, "p1")
	const many = 8000
	for id := range many {
		must(t, r.Accepted(note(id)))
	}
	for id := range many - 1 {
		r.Settled(outreach.SendID(id), 2)
	}
	must(t, r.Trim())
	files, err := filepath.Glob(filepath.Join(dir, "*.results"))
	must(t, err)
	if len(files) != 1 {
		t.Errorf("%d files hold one open note", len(files))
	}
	must(t, r.Close())
	notes, bad := orphans(t, dir)
	if last := notes[len(notes)-1]; len(notes) >= many || bad != 0 || last.SendID != many-1 {
		t.Errorf("%d notes, %d bad, the last %+v", len(notes), bad, last)
	}
}

func TestATornOrSpoiltLineIsLeftOutAndTheOthersAreRead(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, "p1")
	for id := range 3 {
		must(t, r.Accepted(note(id)))
	}
	must(t, r.Close())
	files, err := filepath.Glob(filepath.Join(dir, "*.results"))
	must(t, err)
	content, err := os.ReadFile(files[0])
	must(t, err)
	lines := bytes.SplitAfter(content, []byte("\n"))
	for name, test := range map[string]struct {
		content []byte
		want    []outreach.SendID
		bad     int
	}{
		"whole":          {content, []outreach.SendID{0, 1, 2}, 0},
		"torn last line": {content[:len(content)-9], []outreach.SendID{0, 1}, 1},
		"no line feed":   {content[:len(content)-1], []outreach.SendID{0, 1}, 1},
		"a digit turned": {bytes.Replace(content, []byte(`"s":1`), []byte(`"s":7`), 1), []outreach.SendID{0, 2}, 1},
		"zeros within":   {bytes.Join([][]byte{lines[0], make([]byte, 40), []byte("\n"), lines[2]}, nil), []outreach.SendID{0, 2}, 1},
		"nothing":        {nil, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			must(t, os.WriteFile(filepath.Join(dir, "p1-1.results"), test.content, 0o600))
			notes, bad := orphans(t, dir)
			var got []outreach.SendID
			for _, n := range notes {
				got = append(got, n.SendID)
			}
			if diff := cmp.Diff(test.want, got); diff != "" || bad != test.bad {
				t.Errorf("%d bad, want %d; sends (-want +got):\n%s", bad, test.bad, diff)
			}
		})
	}
}

func TestOneReplayerAtATime(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, "p1")
	must(t, r.Accepted(note(1)))
	must(t, r.Close())
	first, err := spool.Orphans(dir)
	must(t, err)
	second, err := spool.Orphans(dir)
	must(t, err)
	if len(first) != 1 || len(second) != 0 {
		t.Fatalf("%d and %d files", len(first), len(second))
	}
	first[0].Release()
	if again, _ := orphans(t, dir); len(again) != 1 {
		t.Errorf("after a release: %+v", again)
	}
}

func TestNoAddressStandsInASpool(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, "p1")
	must(t, r.Accepted(note(1)))
	must(t, r.Close())
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	content, err := os.ReadFile(files[0])
	must(t, err)
	if bytes.Contains(content, []byte("acme")) {
		t.Errorf("the spool holds the address: %s", content)
	}
	if outreach.RecipientMark("<1@x>", "Dana@ACME.example") != outreach.RecipientMark("<1@x>", "dana@acme.example") {
		t.Error("the mark depends on how the address is written")
	}
}

func BenchmarkAccepted(b *testing.B) {
	r, err := spool.OpenResults(b.TempDir(), "p1")
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	for i := 0; b.Loop(); i++ {
		n := note(i)
		if err := r.Accepted(n); err != nil {
			b.Fatal(err)
		}
		r.Settled(n.SendID, n.Fence)
		if i%1000 == 0 {
			if err := r.Trim(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkAcceptedAndSynced(b *testing.B) {
	r, err := spool.OpenResults(b.TempDir(), "p1")
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	for i := 0; b.Loop(); i++ {
		if err := r.Accepted(note(i)); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAMarkIsReadAsItWasKeptOrNotAtAll(t *testing.T) {
	file := spool.MarkFile{Dir: t.TempDir()}
	if _, ok, err := file.Kept(t.Context()); ok || err != nil {
		t.Errorf("a mark before the first: %v, %v", ok, err)
	}
	for _, mark := range []outreach.Mark{{Seq: 7}, {Epoch: 2, Seq: 12345678901}} {
		must(t, file.Keep(t.Context(), mark))
		if got, ok, err := file.Kept(t.Context()); got != mark || !ok || err != nil {
			t.Errorf("kept %+v, read %+v, %v, %v", mark, got, ok, err)
		}
	}
	path := filepath.Join(file.Dir, "mark")
	content, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, bytes.Replace(content, []byte("1234"), []byte("9234"), 1), 0o600))
	if got, ok, err := file.Kept(t.Context()); ok || err != nil {
		t.Errorf("a spoilt mark was believed: %+v, %v", got, err)
	}
}
