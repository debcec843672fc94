//go:build race

package reply

// raceDetector: its build empties sync.Pool at random, so that regexp allocates
// anew for every match and memory says nothing about this package.
const raceDetector = true
