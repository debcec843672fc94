//go:build !race

package reply

const raceDetector = false
