package embedded

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// doomed is set for the copy of the test binary that is going to be killed.
const doomed = "DRUMBEAT_EMBEDDED_DOOMED"

func TestMain(m *testing.M) {
	if state := os.Getenv(doomed); state != "" {
		runDoomed(state)
		return
	}
	os.Exit(m.Run())
}

// runDoomed starts servers, says what they are, and waits to be killed.
func runDoomed(state string) {
	ctx := context.Background()
	kept, err := StartPostgres(ctx, PostgresOptions{BinDir: os.Getenv("PG_BINDIR"), StateDir: state})
	if err != nil {
		fmt.Println(err)
		return
	}
	thrown, err := StartPostgres(ctx, PostgresOptions{BinDir: os.Getenv("PG_BINDIR"), Throwaway: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	redis, err := StartRedis(ctx, RedisOptions{StateDir: state})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("serving", kept.pid, thrown.pid, redis.pid, cmp.Or(redis.program, "none"), thrown.home.dir)
	select {}
}

func TestKillingTheProcessLeavesNoOrphan(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), doomed+"="+filepath.Join(publicDir(t), "state"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	var kept, thrown, redis int
	var redisProgram, dir string
	if _, err := fmt.Sscanf(line, "serving %d %d %d %s %s", &kept, &thrown, &redis, &redisProgram, &dir); err != nil {
		t.Fatalf("the process to be killed says %q", line)
	}
	if !alive(kept, "postgres") || !alive(thrown, "postgres") {
		t.Fatal("the servers do not run before the kill")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	eventually(t, "the persistent server is gone", func() bool { return !alive(kept, "postgres") })
	eventually(t, "the throwaway server is gone", func() bool { return !alive(thrown, "postgres") })
	eventually(t, "Redis is gone", func() bool { return !alive(redis, redisProgram) })
	eventually(t, "the throwaway directory is gone", func() bool { return !exists(dir) })
}
