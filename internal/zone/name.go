package zone

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // a container image may have no zone files
)

// ParseName checks an IANA zone name and gives it back. "Local" and the empty
// name, which Go would load, name no place and are refused.
func ParseName(text string) (string, error) {
	name := strings.TrimSpace(text)
	if name == "" || name == "Local" {
		return "", fmt.Errorf("%q is not a time zone", text)
	}
	if _, err := time.LoadLocation(name); err != nil {
		return "", fmt.Errorf("%q is not a time zone", text)
	}
	return name, nil
}
