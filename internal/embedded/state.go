package embedded

import (
	"fmt"
	"os"
	"path/filepath"

	"drumbeat/internal/outreach"
)

// rootStateDir is where root keeps state: a directory under /root could not be
// entered by the unprivileged user that the servers run as.
const rootStateDir = "/var/lib/drumbeat"

// StateDir is the directory that holds the servers' data: DRUMBEAT_STATE_DIR,
// for root /var/lib/drumbeat, else drumbeat under $XDG_STATE_HOME or
// ~/.local/state. The directory need not exist yet; the result is absolute.
func StateDir(getenv func(string) string) (string, error) {
	return stateDir(getenv, os.Geteuid())
}

func stateDir(getenv func(string) string, euid int) (string, error) {
	if dir := getenv("DRUMBEAT_STATE_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	if euid == 0 {
		return rootStateDir, nil
	}
	// XDG Base Directory Specification: a relative path is to be ignored.
	if dir := getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "drumbeat"), nil
	}
	if home := getenv("HOME"); home != "" {
		return filepath.Join(home, ".local", "state", "drumbeat"), nil
	}
	return "", &outreach.Problem{
		Code:   "NO_STATE_DIR",
		Detail: "neither DRUMBEAT_STATE_DIR nor XDG_STATE_HOME nor HOME is set, so there is no place for the state",
		Fix:    "set DRUMBEAT_STATE_DIR to a directory that this user can write",
	}
}

// home is the directory of one server and the account that owns it.
type home struct {
	dir       string
	owner     *account // nil: the account of this process
	throwaway bool
}

// openHome makes the directory of one server under state, or a temporary one,
// and makes sure that its owner can get there.
func openHome(state, name string, throwaway bool) (home, error) {
	owner, err := serverAccount(os.Geteuid())
	if err != nil {
		return home{}, err
	}
	h := home{dir: filepath.Join(state, name), owner: owner, throwaway: throwaway}
	if throwaway {
		h.dir, err = os.MkdirTemp("", "drumbeat-"+name+"-")
	} else {
		err = h.make(state)
	}
	if err == nil {
		err = owner.own(h.dir)
	}
	if err != nil {
		return home{}, h.unusable(err)
	}
	return h, h.checkReachable()
}

// make creates the directory. Under root the state directory must be passable
// for the servers' account, so only the server's own directory is closed.
func (h home) make(state string) error {
	mode := os.FileMode(0o700)
	if h.owner != nil {
		mode = 0o755
	}
	if err := os.MkdirAll(state, mode); err != nil {
		return err
	}
	return os.MkdirAll(h.dir, 0o700)
}

func (h home) unusable(err error) error {
	return &outreach.Problem{
		Code:   "STATE_DIR_UNUSABLE",
		Detail: fmt.Sprintf("the state directory %s cannot be used", h.dir),
		Fix:    "set DRUMBEAT_STATE_DIR to a directory that this user can write",
		Err:    err,
	}
}

func (h home) checkReachable() error {
	blocked, mode := h.owner.blockedAt(h.dir)
	if blocked == "" {
		return nil
	}
	if h.throwaway {
		_ = os.Remove(h.dir) // empty still; the error below is the one that matters
	}
	return &outreach.Problem{
		Code: "STATE_DIR_CLOSED",
		Detail: fmt.Sprintf("root may not run the server, so it runs as %s, who cannot enter %s (mode %04o) on the way to %s",
			h.owner.name, blocked, mode, h.dir),
		Fix: fmt.Sprintf("set DRUMBEAT_STATE_DIR to a directory outside %s, such as %s (for throwaway servers: TMPDIR)\nor open it: chmod o+x %s",
			blocked, rootStateDir, blocked),
	}
}

// path is a file in the home.
func (h home) path(name string) string { return filepath.Join(h.dir, name) }

// write puts a private file into the home, owned by the server's account.
func (h home) write(name string, content []byte) error {
	if err := os.WriteFile(h.path(name), content, 0o600); err != nil {
		return h.unusable(err)
	}
	if err := h.owner.own(h.path(name)); err != nil {
		return h.unusable(err)
	}
	return nil
}
