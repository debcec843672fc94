package embedded

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// lockWait bounds how long one process waits for another that is starting or
// stopping the same server; both take about a second.
const lockWait = 30 * time.Second

// fileLock is an flock(2): it ends with the process, however the process ends.
type fileLock struct{ file *os.File }

// tryLock takes the lock at once or returns nil.
func tryLock(path string, how int) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
	if err == nil {
		return &fileLock{file}, nil
	}
	file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, err
}

// waitLock takes the lock, waiting until ctx ends.
func waitLock(ctx context.Context, path string, how int) (*fileLock, error) {
	for {
		lock, err := tryLock(path, how)
		if lock != nil || err != nil {
			return lock, err
		}
		if err := (clock.Machine{}).Sleep(ctx, pollEvery); err != nil {
			return nil, err
		}
	}
}

func (l *fileLock) release() { l.file.Close() }

// membership is one process's share in a server. The file "lock" is held while
// somebody decides to start or to stop; the file "users" is held, shared, by
// everyone who uses the server.
type membership struct {
	home home
	user *fileLock
}

// decide runs do while no other process starts, joins or leaves the server.
func (h home) decide(ctx context.Context, do func() error) error {
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	lock, err := waitLock(ctx, h.path("lock"), syscall.LOCK_EX)
	if err != nil {
		return &outreach.Problem{
			Code:   "STATE_DIR_BUSY",
			Detail: "another drumbeat process has been starting or stopping the server in " + h.dir + " for too long",
			Fix:    "end that process, or set DRUMBEAT_STATE_DIR to a directory of your own",
			Err:    err,
		}
	}
	defer lock.release()
	return do()
}

// join counts this process among the users; call it inside decide.
func (h home) join(ctx context.Context) (*membership, error) {
	user, err := waitLock(ctx, h.path("users"), syscall.LOCK_SH)
	if err != nil {
		return nil, h.unusable(err)
	}
	return &membership{home: h, user: user}, nil
}

// leave ends the membership and tells whether nobody is left, waiting up to
// patience for others to finish; call it inside decide.
func (m *membership) leave(ctx context.Context, patience time.Duration) (last bool) {
	m.user.release()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	all, err := waitLock(ctx, m.home.path("users"), syscall.LOCK_EX)
	if err != nil {
		return false
	}
	all.release()
	return true
}
