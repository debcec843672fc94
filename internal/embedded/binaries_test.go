package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var errMissing = errors.New("not there")

// machineWith is a search on a machine that has only what lies under dir.
func machineWith(dir string) *search {
	return &search{
		lookPath: func(string) (string, error) { return "", errMissing },
		output: func(name string, args ...string) (string, error) {
			if name == "pg_config" {
				return "", errMissing
			}
			return commandOutput(name, args...)
		},
		globs: []string{filepath.Join(dir, "debian/*/bin"), filepath.Join(dir, "redhat-*/bin")},
	}
}

func majors(t *testing.T, s *search) []int {
	t.Helper()
	found, err := s.installations()
	if err != nil {
		t.Fatal(err)
	}
	var all []int
	for _, inst := range found {
		all = append(all, inst.major)
	}
	return all
}

func TestTheNewestInstalledPostgresComesFirst(t *testing.T) {
	dir := t.TempDir()
	postgresPrograms(t, filepath.Join(dir, "debian/9.6/bin"), "9.6.24") // too old, though "9.6" sorts last as text
	postgresPrograms(t, filepath.Join(dir, "debian/15/bin"), "15.18 (Debian 15.18-0+deb12u1)")
	postgresPrograms(t, filepath.Join(dir, "redhat-17/bin"), "17.2")
	program(t, filepath.Join(dir, "debian/18/bin"), "initdb", "exit 0") // pg_config's like: no server in it
	if diff := cmp.Diff([]int{17, 15}, majors(t, machineWith(dir))); diff != "" {
		t.Errorf("versions found (-want +got):\n%s", diff)
	}
}

func TestPathGoesBeforeTheUsualDirectoriesAndItsLinkIsFollowed(t *testing.T) {
	dir := t.TempDir()
	postgresPrograms(t, filepath.Join(dir, "debian/17/bin"), "17.2")
	postgresPrograms(t, filepath.Join(dir, "own"), "15.1")
	link := filepath.Join(dir, "postgres")
	if err := os.Symlink(filepath.Join(dir, "own/postgres"), link); err != nil {
		t.Fatal(err)
	}
	s := machineWith(dir)
	s.lookPath = func(string) (string, error) { return link, nil }
	if diff := cmp.Diff([]int{15, 17}, majors(t, s)); diff != "" {
		t.Errorf("versions found (-want +got):\n%s", diff)
	}
}

func TestWithoutPostgresTheErrorNamesWhatWasTriedAndThreeWaysOut(t *testing.T) {
	dir := t.TempDir()
	_, err := machineWith(dir).installations()
	wantProblem(t, err, "NO_POSTGRES", "PATH", "pg_config", filepath.Join(dir, "debian/*/bin"),
		"apt-get install postgresql", "DATABASE_URL=", "docker compose up")
}

func TestADirectoryThatTheUserNamedIsTheOnlyOneLookedAt(t *testing.T) {
	dir := t.TempDir()
	postgresPrograms(t, filepath.Join(dir, "debian/17/bin"), "17.2")
	postgresPrograms(t, filepath.Join(dir, "old"), "9.6.24")

	s := machineWith(dir)
	s.binDir = filepath.Join(dir, "nothing-here")
	_, err := s.installations()
	wantProblem(t, err, "PG_BINDIR_WRONG", s.binDir)

	s.binDir = filepath.Join(dir, "old")
	_, err = s.installations()
	wantProblem(t, err, "POSTGRES_TOO_OLD", "version 9", "13")
}

func TestFindRedisPrefersRedisThenValkeyThenNothing(t *testing.T) {
	on := func(paths ...string) func(string) (string, error) {
		return func(asked string) (string, error) {
			for _, path := range paths {
				if asked == path || asked == filepath.Base(path) && filepath.Dir(path) == "/on/path" {
					return path, nil
				}
			}
			return "", errMissing
		}
	}
	for _, c := range []struct {
		name     string
		lookPath func(string) (string, error)
		want     string
	}{
		{"both in PATH", on("/on/path/valkey-server", "/on/path/redis-server"), "/on/path/redis-server"},
		{"valkey alone", on("/on/path/valkey-server"), "/on/path/valkey-server"},
		{"outside a service's short PATH", on("/opt/homebrew/bin/redis-server"), "/opt/homebrew/bin/redis-server"},
		{"none", on(), ""},
	} {
		if got := findRedis(c.lookPath); got != c.want {
			t.Errorf("%s: findRedis = %q, want %q", c.name, got, c.want)
		}
	}
}
