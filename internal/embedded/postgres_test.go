package embedded

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

func TestAThrowawayServerLeavesNothing(t *testing.T) {
	t.Parallel()
	p := startPostgres(t, PostgresOptions{Throwaway: true})
	if !accepts(p.port) {
		t.Error("the server does not accept connections")
	}
	stop(t, p)
	if accepts(p.port) || exists(p.home.dir) {
		t.Errorf("after Stop: accepts = %v, its directory is there = %v; want neither", accepts(p.port), exists(p.home.dir))
	}
}

func TestAnEndedContextStillGetsAnOrderlyShutdown(t *testing.T) {
	t.Parallel()
	p := startPostgres(t, PostgresOptions{StateDir: filepath.Join(publicDir(t), "state")})
	interrupted, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.Stop(interrupted); err != nil {
		t.Fatal(err)
	}
	if p.child.err != nil || exists(filepath.Join(p.home.dataDir(), "postmaster.pid")) {
		t.Errorf("the server ended with %v; want it to have shut down by itself", p.child.err)
	}
}

func TestProcessesOfOneStateDirectoryShareOneServer(t *testing.T) {
	t.Parallel()
	state := filepath.Join(publicDir(t), "state")
	first := startPostgres(t, PostgresOptions{StateDir: state})
	second := startPostgres(t, PostgresOptions{StateDir: state})
	if first.pid != second.pid || first.URL() != second.URL() {
		t.Errorf("two servers on one directory: %d and %d", first.pid, second.pid)
	}
	stop(t, second)
	if !accepts(first.port) {
		t.Error("the server went with the process that had only joined it")
	}
	stop(t, first)
	if accepts(first.port) {
		t.Error("the server still runs after the last one left")
	}
	again := startPostgres(t, PostgresOptions{StateDir: state})
	defer stop(t, again)
	if again.cluster.password != first.cluster.password {
		t.Error("the second start made new data")
	}
}

// leftBehind starts a server that nothing ties to this process, as one that
// outlived a killed process on a system without a parent-death signal.
func leftBehind(t *testing.T, state string) *child {
	t.Helper()
	p := startPostgres(t, PostgresOptions{StateDir: state})
	stop(t, p)
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	cmd := p.home.command(filepath.Join(p.cluster.programs.bin, "postgres"), p.cluster.arguments(port)...)
	c, err := startOnOwnThread(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.stop(context.Background(), os.Kill) })
	return c
}

func TestALeftoverServerIsUsedAndStoppedByTheLastUser(t *testing.T) {
	t.Parallel()
	state := filepath.Join(publicDir(t), "state")
	left := leftBehind(t, state)
	p := startPostgres(t, PostgresOptions{StateDir: state})
	if p.pid != left.cmd.Process.Pid {
		t.Errorf("process %d serves, want the leftover %d", p.pid, left.cmd.Process.Pid)
	}
	stop(t, p)
	<-left.done
}

func TestALeftoverThatDoesNotAnswerIsNamed(t *testing.T) {
	t.Parallel()
	other := startPostgres(t, PostgresOptions{Throwaway: true})
	defer stop(t, other)
	mute := &Postgres{server: server{home: home{dir: t.TempDir()}, program: "postgres"}, log: logger(nil)}
	if err := os.Mkdir(mute.home.dataDir(), 0o755); err != nil {
		t.Fatal(err)
	}
	pid := strconv.Itoa(other.pid)
	mute.cluster = &cluster{home: mute.home}
	if err := os.WriteFile(filepath.Join(mute.home.dataDir(), "postmaster.pid"), []byte(pid+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	impatient, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := mute.joinRunning(impatient)
	wantProblem(t, err, "SERVER_LEFTOVER", "kill -INT "+pid, mute.home.dir)
}

func TestAStalePidFileIsNoObstacle(t *testing.T) {
	t.Parallel()
	state := filepath.Join(publicDir(t), "state")
	p := startPostgres(t, PostgresOptions{StateDir: state})
	// A crash of the machine: no shutdown, and the number means another process now.
	if err := p.child.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.child.done
	eventually(t, "the killed server's children are gone", func() bool { return !accepts(p.port) })
	stop(t, p)
	again := startPostgres(t, PostgresOptions{StateDir: state})
	defer stop(t, again)
	if again.child == nil || !accepts(again.port) {
		t.Error("no new server after a crash")
	}
}

func TestATakenPortIsReplacedByAnother(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	calls := 0
	pick := func() (int, error) {
		if calls++; calls == 1 {
			return taken.Addr().(*net.TCPAddr).Port, nil
		}
		return freePort()
	}
	p := startPostgres(t, PostgresOptions{Throwaway: true, pickPort: pick})
	defer stop(t, p)
	if calls != 2 {
		t.Errorf("%d ports were picked, want 2", calls)
	}
}

func TestWhenEveryPortIsTakenTheErrorQuotesTheServer(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	pick := func() (int, error) { return taken.Addr().(*net.TCPAddr).Port, nil }
	_, err = StartPostgres(context.Background(), PostgresOptions{BinDir: os.Getenv("PG_BINDIR"), Throwaway: true, pickPort: pick})
	wantProblem(t, err, "POSTGRES_START", "Address already in use", "DATABASE_URL")
}

func TestDataOfAnotherMajorVersionNameTheProgramsThatAreNeeded(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	state := filepath.Join(publicDir(t), "state")
	data := filepath.Join(state, "postgres", "data")
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("12\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := StartPostgres(context.Background(), PostgresOptions{BinDir: os.Getenv("PG_BINDIR"), StateDir: state})
	wantProblem(t, err, "POSTGRES_VERSION", "made by Postgres 12", "PG_BINDIR=/usr/lib/postgresql/12/bin", "pg_upgrade")
}

// Not parallel: another test's fork would keep the script open for writing, and
// then it cannot be run (golang/go#22315).
func TestAFailingInitdbIsQuoted(t *testing.T) {
	bin := filepath.Join(publicDir(t), "bin")
	postgresPrograms(t, bin, "17.2")
	program(t, bin, "initdb", "echo 'No space left on device' >&2; exit 1")
	state := filepath.Join(publicDir(t), "state")
	_, err := StartPostgres(context.Background(), PostgresOptions{BinDir: bin, StateDir: state})
	wantProblem(t, err, "POSTGRES_INIT", "No space left on device")
	if exists(filepath.Join(state, "postgres", "data")) {
		t.Error("a failed initdb left something that looks like data")
	}
}

func TestTwoProcessesDoNotDecideAtOnce(t *testing.T) {
	t.Parallel()
	h, err := openHome(filepath.Join(publicDir(t), "state"), "postgres", false)
	if err != nil {
		t.Fatal(err)
	}
	impatient, cancel := context.WithCancel(context.Background())
	err = h.decide(context.Background(), func() error {
		cancel()
		return h.decide(impatient, func() error { t.Error("both decide"); return nil })
	})
	wantProblem(t, err, "STATE_DIR_BUSY", h.dir)
}
