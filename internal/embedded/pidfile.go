package embedded

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// pidFile is what a running Postgres writes into postmaster.pid in its data
// directory (miscadmin.h): line 1 its process, line 4 its port, line 8 its state.
type pidFile struct {
	pid, port int
	ready     bool
}

// readPidFile is nil when there is no such file.
func readPidFile(path string) (*pidFile, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(content), "\n")
	line := func(n int) string {
		if n > len(lines) {
			return ""
		}
		return strings.TrimSpace(lines[n-1])
	}
	// The file is written line by line: what is not there yet counts as zero.
	pid, _ := strconv.Atoi(line(1))
	port, _ := strconv.Atoi(line(4))
	return &pidFile{pid: pid, port: port, ready: line(8) == "ready"}, nil
}
