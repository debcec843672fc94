package zone

import (
	"fmt"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a container image may have no zone files
)

// loaded keeps each zone after its first use: time.LoadLocation reads a file every
// time (0.1 ms), and every decision about a mail asks. It can only grow to the
// size of the tz database, whose data do not change while a process runs.
var loaded sync.Map // name -> *time.Location

// load gives a zone by its IANA name. "Local" and the empty name, which Go would
// load, name no place and are refused.
func load(name string) (*time.Location, error) {
	if location, ok := loaded.Load(name); ok {
		return location.(*time.Location), nil
	}
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("%q is not a time zone", name)
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is not a time zone", name)
	}
	loaded.Store(name, location)
	return location, nil
}

// ParseName checks an IANA zone name and gives it back.
func ParseName(text string) (string, error) {
	name := strings.TrimSpace(text)
	_, err := load(name)
	return name, err
}
