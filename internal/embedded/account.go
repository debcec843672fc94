package embedded

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"drumbeat/internal/outreach"
)

// account is whom a server runs as when this process is root, since Postgres
// refuses to run as root. A nil account is the one of this process.
type account struct {
	name     string
	uid, gid uint32
}

// serverAccount is nil unless euid is root; then it is postgres, else nobody.
func serverAccount(euid int) (*account, error) {
	if euid != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if found, err := user.Lookup(name); err == nil {
			return newAccount(found)
		}
	}
	return nil, &outreach.Problem{
		Code:   "NO_SERVER_ACCOUNT",
		Detail: "Postgres does not run as root, and this machine has neither a user postgres nor a user nobody",
		Fix:    "run drumbeat as an ordinary user, or create the user: useradd --system postgres",
	}
}

func newAccount(u *user.User) (*account, error) {
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &account{name: u.Username, uid: uint32(uid), gid: uint32(gid)}, nil
}

// own gives a file or directory to the account.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	return os.Chown(path, int(a.uid), int(a.gid))
}

// credential is what the child is started with; nil keeps this process's own.
func (a *account) credential() *syscall.Credential {
	if a == nil {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid}
}

// blockedAt is the first directory on the way to dir, dir included, that the
// account cannot enter, with its mode; empty when the way is open.
func (a *account) blockedAt(dir string) (blocked string, mode os.FileMode) {
	if a == nil {
		return "", 0
	}
	if parent := filepath.Dir(dir); parent != dir {
		if blocked, mode = a.blockedAt(parent); blocked != "" {
			return blocked, mode
		}
	}
	info, err := os.Stat(dir)
	if err != nil || !a.mayEnter(info) {
		if err == nil {
			mode = info.Mode().Perm()
		}
		return dir, mode
	}
	return "", 0
}

func (a *account) mayEnter(info os.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	switch bits := info.Mode().Perm(); {
	case ok && owner.Uid == a.uid:
		return bits&0o100 != 0
	case ok && owner.Gid == a.gid:
		return bits&0o010 != 0
	default:
		return bits&0o001 != 0
	}
}
