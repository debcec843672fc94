//go:build !linux

package embedded

import "syscall"

// dieWithParent does nothing: only Linux has a parent-death signal. Elsewhere a
// server that a killed process leaves behind is joined by the next one.
func dieWithParent(*syscall.SysProcAttr) {}

// alive tells whether pid is a living process. Its program's name is not looked at.
func alive(pid int, _ string) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || err == syscall.EPERM
}
