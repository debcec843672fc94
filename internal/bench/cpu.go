package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// ownCPU is the CPU time of this process in seconds.
func ownCPU() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return float64(usage.Utime.Sec+usage.Stime.Sec) + float64(usage.Utime.Usec+usage.Stime.Usec)/1e6
}

// clockTicks is how many a second proc(5) counts in; it is 100 on every Linux.
const clockTicks = 100

// treeCPU is the CPU time of a process, of its living children and of those that
// it has waited for: all of a Postgres. 0 where there is no /proc.
func treeCPU(pid int) float64 {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	ticks := 0
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		_, rest, _ := strings.Cut(string(content), ") ")
		fields := strings.Fields(rest)
		if len(fields) < 15 {
			continue
		}
		own := strings.HasPrefix(string(content), strconv.Itoa(pid)+" ")
		if fields[1] != strconv.Itoa(pid) && !own {
			continue
		}
		last := 13 // utime, stime
		if own {
			last = 15 // and those of the children that have ended
		}
		for _, field := range fields[11:last] {
			n, _ := strconv.Atoi(field) // proc(5) promises a number
			ticks += n
		}
	}
	return float64(ticks) / clockTicks
}

// redisUse is the CPU time of a Redis in seconds and how many commands it has
// carried out.
func redisUse(ctx context.Context, client *redis.Client) (cpu float64, commands int, err error) {
	info, err := client.InfoMap(ctx, "cpu", "stats").Result()
	if err != nil {
		return 0, 0, fmt.Errorf("redis info: %w", err)
	}
	for _, section := range info {
		for _, key := range []string{"used_cpu_user", "used_cpu_sys"} {
			if seconds, err := strconv.ParseFloat(section[key], 64); err == nil {
				cpu += seconds
			}
		}
		if n, err := strconv.Atoi(section["total_commands_processed"]); err == nil {
			commands += n
		}
	}
	return cpu, commands, nil
}

// rssMB is the memory of a process that is in RAM now, in MB; 0 where there is no
// /proc.
func rssMB(pid int) float64 {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(content)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB")) // proc(5) promises a number
			return float64(kb) / 1000
		}
	}
	return 0
}

// redisBytes is what a Redis holds.
func redisBytes(ctx context.Context, client *redis.Client) (int, error) {
	info, err := client.InfoMap(ctx, "memory").Result()
	if err != nil {
		return 0, fmt.Errorf("redis info: %w", err)
	}
	return strconv.Atoi(info["Memory"]["used_memory"])
}
