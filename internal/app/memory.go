package app

import (
	"os"
	"runtime/debug"
)

// sendingGC is how much the heap may grow between two collections, in percent. An
// engine that sends makes much garbage and holds little: at Go's default of 100 the
// collector takes a sixth of its time.
const sendingGC = 300

// tuneGC sets it while an engine runs; the result puts the old setting back. Who
// sets GOGC decides.
func tuneGC() (restore func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	old := debug.SetGCPercent(sendingGC)
	return func() { debug.SetGCPercent(old) }
}
