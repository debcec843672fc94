package embedded

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// child is a server process that this process started.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
	err  error         // how it ended; read after done
}

// command is a program that runs as the owner of a home, with a small
// environment of its own and nothing of the user's locale or PG* settings.
func (h home) command(path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Dir = "/" // the current directory may be closed to the account
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	// A process group of its own keeps Ctrl-C in the terminal away from the server
	// until the worker has drained.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: h.owner.credential()}
	return cmd
}

// start runs path as a server whose output goes to the file log in the home. It
// returns once the process exists, not once it serves.
func (h home) start(log, path string, args ...string) (*child, error) {
	if err := h.write(log, nil); err != nil {
		return nil, err
	}
	out, err := os.OpenFile(h.path(log), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, h.unusable(err)
	}
	defer out.Close()
	cmd := h.command(path, args...)
	cmd.Stdout, cmd.Stderr = out, out
	dieWithParent(cmd.SysProcAttr)
	return startOnOwnThread(cmd)
}

// startOnOwnThread keeps the thread that starts the child for the child's whole
// life: on Linux the parent-death signal is sent when that thread ends, and the
// Go runtime may end threads (golang/go#27505).
func startOnOwnThread(cmd *exec.Cmd) (*child, error) {
	c := &child{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		c.err = cmd.Wait()
		close(c.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// ended tells whether the process is gone.
func (c *child) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// stop sends sig and waits for the end; when ctx ends first, it kills.
func (c *child) stop(ctx context.Context, sig os.Signal) {
	_ = c.cmd.Process.Signal(sig) // fails only if it has ended
	select {
	case <-c.done:
	case <-ctx.Done():
		_ = c.cmd.Process.Kill()
		<-c.done
	}
}
