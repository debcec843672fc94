package embedded

import (
	"io"
	"os/exec"
	"strconv"
	"syscall"
)

// buryScript waits until its standard input closes, which happens when the parent
// closes it or dies; then it stops the server and removes its directory.
const buryScript = `trap '' INT TERM HUP
cat >/dev/null
kill -INT "$1" 2>/dev/null
tries=0
while kill -0 "$1" 2>/dev/null && [ "$tries" -lt 50 ]; do tries=$((tries+1)); sleep 0.1; done
rm -rf "$2"`

// undertaker removes what a throwaway server leaves, even when this process is
// killed or, as test binaries do, exits without cleaning up.
type undertaker struct {
	cmd   *exec.Cmd
	alive io.Closer
}

func (h home) hireUndertaker(pid int) (*undertaker, error) {
	cmd := exec.Command("/bin/sh", "-c", buryScript, "drumbeat-undertaker", strconv.Itoa(pid), h.dir)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &undertaker{cmd: cmd, alive: pipe}, nil
}

// bury returns when the server is stopped and its directory is gone.
func (u *undertaker) bury() error {
	u.alive.Close()
	return u.cmd.Wait()
}
