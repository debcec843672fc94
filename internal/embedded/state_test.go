package embedded

import (
	"os"
	"path/filepath"
	"testing"
)

func TestStateDir(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		euid int
		want string
	}{
		{"the variable wins", map[string]string{"DRUMBEAT_STATE_DIR": "/srv/d", "XDG_STATE_HOME": "/x", "HOME": "/home/u"}, 1000, "/srv/d"},
		{"the variable wins for root too", map[string]string{"DRUMBEAT_STATE_DIR": "/srv/d"}, 0, "/srv/d"},
		{"root's home is closed to the servers", map[string]string{"XDG_STATE_HOME": "/root/s", "HOME": "/root"}, 0, "/var/lib/drumbeat"},
		{"XDG", map[string]string{"XDG_STATE_HOME": "/x", "HOME": "/home/u"}, 1000, "/x/drumbeat"},
		{"a relative XDG path is ignored", map[string]string{"XDG_STATE_HOME": "x", "HOME": "/home/u"}, 1000, "/home/u/.local/state/drumbeat"},
		{"home", map[string]string{"HOME": "/home/u"}, 1000, "/home/u/.local/state/drumbeat"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := stateDir(func(key string) string { return c.env[key] }, c.euid)
			if err != nil || got != c.want {
				t.Errorf("stateDir = %q, %v; want %q", got, err, c.want)
			}
		})
	}
	t.Run("nothing is set", func(t *testing.T) {
		_, err := stateDir(func(string) string { return "" }, 1000)
		wantProblem(t, err, "NO_STATE_DIR", "DRUMBEAT_STATE_DIR")
	})
}

func TestRootIsToldWhichDirectoryTheServersCannotEnter(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	closed := filepath.Join(publicDir(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := openHome(filepath.Join(closed, "state"), "postgres", false)
	wantProblem(t, err, "STATE_DIR_CLOSED", closed+" (mode 0700)", "DRUMBEAT_STATE_DIR", "chmod o+x "+closed)
}

func TestAStateDirectoryThatCannotBeMade(t *testing.T) {
	file := filepath.Join(publicDir(t), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := openHome(file, "postgres", false)
	wantProblem(t, err, "STATE_DIR_UNUSABLE", file, "DRUMBEAT_STATE_DIR")
}

func TestTheServersFilesAreClosedToOthers(t *testing.T) {
	h, err := openHome(filepath.Join(publicDir(t), "state"), "postgres", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.write("password", []byte("x")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{h.dir: 0o700, h.path("password"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v, %v; want %v", path, info.Mode().Perm(), err, want)
		}
	}
}
