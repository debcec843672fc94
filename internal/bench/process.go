package bench

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// process is a worker: this very program, run again.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	ended chan struct{} // closed when it has ended
	err   error         // how; read after ended
}

// startWorker runs this program as a worker and waits until it hears bells.
func startWorker(spec workerSpec, log io.Writer) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("own program: %w", err)
	}
	cmd := exec.Command(self, "bench", "worker")
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the bench, which then ends its workers
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start worker: %w", err)
	}
	p := &process{cmd: cmd, stdin: in, ended: make(chan struct{})}
	err = json.NewEncoder(in).Encode(spec)
	if line, readErr := bufio.NewReader(out).ReadString('\n'); err == nil && line != ready {
		err = fmt.Errorf("it said %q: %w", line, readErr)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	if err != nil {
		p.kill()
		return nil, fmt.Errorf("worker did not start: %w", err)
	}
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// kill is kill -9.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails only if it has ended
	<-p.ended
}

// stop is SIGTERM: the worker finishes its open dialogues.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.ended
	return p.err
}
