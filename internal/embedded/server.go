package embedded

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

const (
	// departWait is how long the process that started a server waits, when it stops,
	// for others that use it: commands are short.
	departWait = 2 * time.Second

	// stopLimit bounds a shutdown; then the server is killed, which it survives too.
	stopLimit = lockWait + 15*time.Second
)

// server is one process's part in a running server: what Postgres and Redis have
// in common.
type server struct {
	home       home
	program    string // as the system calls the process
	pid        int
	child      *child // nil: another process started it
	member     *membership
	undertaker *undertaker // of a throwaway server
}

// enter opens the server's home and runs open, which joins or starts it, while no
// other process does the same.
func (s *server) enter(ctx context.Context, open func(context.Context) error) error {
	err := s.home.decide(ctx, func() error {
		if err := open(ctx); err != nil {
			return err
		}
		return s.join(ctx)
	})
	if err != nil && s.home.throwaway {
		_ = os.RemoveAll(s.home.dir) // the error of the start matters more
	}
	return err
}

func (s *server) join(ctx context.Context) (err error) {
	if s.member, err = s.home.join(ctx); err != nil && s.child != nil {
		s.child.stop(ctx, syscall.SIGINT)
	}
	return err
}

// adopt takes a child that serves as this process's own.
func (s *server) adopt(c *child) (err error) {
	if s.home.throwaway {
		if s.undertaker, err = s.home.hireUndertaker(c.cmd.Process.Pid); err != nil {
			return err
		}
	}
	s.child, s.pid = c, c.cmd.Process.Pid
	go s.keep()
	return nil
}

// keep holds on to the locks and to the undertaker's pipe for the server's life:
// a caller that drops its handle must not have the collector close them.
func (s *server) keep() {
	<-s.child.done
	runtime.KeepAlive(s)
}

// Stop leaves the server, and stops it if nobody else uses it. The process that
// started it waits a moment for the others; its server cannot outlive it. A ctx
// that has ended, as after Ctrl-C, does not make the shutdown less orderly.
func (s *server) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
	defer cancel()
	return s.home.decide(ctx, func() error {
		patience := time.Duration(0)
		if s.child != nil {
			patience = departWait
		}
		last := s.member.leave(ctx, patience)
		switch {
		case s.child != nil:
			s.child.stop(ctx, syscall.SIGINT) // for Postgres a fast shutdown; SIGTERM would wait for clients
		case last:
			return stopStranger(ctx, s.pid, s.program)
		}
		if s.undertaker != nil {
			return s.undertaker.bury()
		}
		return nil
	})
}

// stopStranger stops a server that an earlier process left behind, if it still runs:
// by now its number may be that of somebody else's process.
func stopStranger(ctx context.Context, pid int, program string) error {
	if !alive(pid, program) {
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGINT); err != nil && alive(pid, program) {
		return fmt.Errorf("stop leftover %s %d: %w", program, pid, err)
	}
	for alive(pid, program) {
		if err := (clock.Machine{}).Sleep(ctx, pollEvery); err != nil {
			return fmt.Errorf("wait for the end of leftover %s %d: %w", program, pid, err)
		}
	}
	return nil
}

// leftover is the error about a living process that holds the data and is mute.
func (s *server) leftover(pid int) error {
	return &outreach.Problem{
		Code:   "SERVER_LEFTOVER",
		Detail: fmt.Sprintf("process %d (%s) holds the data in %s but does not answer", pid, s.program, s.home.dir),
		Fix:    fmt.Sprintf("stop it: kill -INT %d   or set DRUMBEAT_STATE_DIR to another directory", pid),
	}
}

// startFailed is the error about a server that ended, or stayed mute, at its start.
func (s *server) startFailed(code, name, variable string, err error) error {
	output, _ := os.ReadFile(s.home.path("server.log")) // without it the error alone must do
	return &outreach.Problem{
		Code:   code,
		Detail: name + " did not start; its last words:\n" + lastLines(string(output), 8),
		Fix:    "point to a server that runs: " + variable + "\nor see its log, unless the server was a throwaway one: " + s.home.path("server.log"),
		Err:    err,
	}
}
