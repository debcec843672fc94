package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/mailworld"
)

// sinkSpec is what a mail server of its own process is told.
type sinkSpec struct {
	RTT          time.Duration `json:"rtt"`
	NoPipelining bool          `json:"no_pipelining"`
}

// sinkStats is what it has done.
type sinkStats struct {
	Addr    string    `json:"addr"`
	Accepts int       `json:"accepts"`
	Flushes int       `json:"flushes"` // groups of answers: one a round trip
	CPU     float64   `json:"cpu_s"`
	Last    time.Time `json:"last"` // of the last accepted mail
}

// Sink is the mail server of a bench in a process of its own, so that its CPU
// time can be told apart. It answers every line with its figures, and ends when
// in closes.
func Sink(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Scan()
	var spec sinkSpec
	if err := json.Unmarshal(lines.Bytes(), &spec); err != nil {
		return fmt.Errorf("mail server's spec: %w", err)
	}
	world, err := mailworld.New(mailworld.Options{Clock: clock.Real{}, DiscardRaw: true, Latency: spec.RTT, NoPipelining: spec.NoPipelining})
	if err != nil {
		return err
	}
	defer world.Close()
	answers := json.NewEncoder(out)
	for {
		stats := sinkStats{Addr: world.SMTPAddr().String(), Accepts: world.AcceptCount(), Flushes: world.Flushes(), CPU: ownCPU()}
		if lines.Text() == "last" && stats.Accepts > 0 { // a copy of the log: not at every question
			accepted := world.Accepted()
			stats.Last = accepted[len(accepted)-1].At
		}
		if err := answers.Encode(stats); err != nil {
			return err
		}
		if !lines.Scan() {
			return nil
		}
	}
}

// sink is that process, seen from the bench.
type sink struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *json.Decoder
	addr    *net.TCPAddr
}

func startSink(spec sinkSpec) (*sink, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("own program: %w", err)
	}
	s := &sink{cmd: exec.Command(self, "bench", "sink")}
	s.cmd.Stderr = os.Stderr
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.answers = json.NewDecoder(out)
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start mail server: %w", err)
	}
	if err := json.NewEncoder(s.in).Encode(spec); err != nil {
		return nil, err
	}
	var first sinkStats
	if err := s.answers.Decode(&first); err != nil {
		return nil, fmt.Errorf("mail server did not start: %w", err)
	}
	s.addr, err = net.ResolveTCPAddr("tcp", first.Addr)
	return s, err
}

// ask gets the figures; "last" also when the last mail was accepted.
func (s *sink) ask(question string) (stats sinkStats, err error) {
	if _, err := io.WriteString(s.in, question+"\n"); err != nil {
		return stats, fmt.Errorf("mail server: %w", err)
	}
	err = s.answers.Decode(&stats)
	return stats, err
}

func (s *sink) close() {
	_ = s.in.Close()
	_ = s.cmd.Wait()
}
