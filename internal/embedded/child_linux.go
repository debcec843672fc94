package embedded

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent has the kernel stop the child when this process dies, also by
// kill -9: for Postgres SIGINT is a fast shutdown.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }

// alive tells whether pid is a living process whose program is called name; the
// number may by now belong to something else, as after a restart of a container.
func alive(pid int, name string) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	// proc(5): "pid (comm) state ...", where comm may hold blanks and parentheses.
	open, end := strings.IndexByte(string(stat), '('), strings.LastIndexByte(string(stat), ')')
	if open < 0 || end < open || end+2 >= len(stat) {
		return false
	}
	state := stat[end+2]
	return string(stat[open+1:end]) == name && state != 'Z' && state != 'X'
}
