package config

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

const mask = "********"

// Setting is one line of `drumbeat config`.
type Setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"` // a secret is masked; empty when not set
	Source Source `json:"source"`
}

// field is a setting as its tags describe it.
type field struct {
	name   string
	secret bool
	index  int
}

// fields lists the settings in the order of the struct.
func fields() []field {
	var all []field
	for i := range reflect.TypeFor[Config]().NumField() {
		tag := reflect.TypeFor[Config]().Field(i).Tag
		if name := tag.Get("env"); name != "" {
			all = append(all, field{name: name, secret: tag.Get("secret") == "true", index: i})
		}
	}
	return all
}

// Effective lists every setting as it holds, without secrets.
func (c Config) Effective() []Setting {
	values := reflect.ValueOf(c)
	var all []Setting
	for _, f := range fields() {
		value := fmt.Sprint(values.Field(f.index).Interface())
		if f.secret {
			value = masked(value)
		}
		source := c.sources[f.name]
		if source == "" {
			source = FromDefault
		}
		all = append(all, Setting{Name: f.name, Value: value, Source: source})
	}
	return all
}

// masked keeps of a URL what helps to find a mistake: where it points to.
func masked(value string) string {
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return mask
	}
	if u.User != nil {
		u.User = url.UserPassword(u.User.Username(), "x")
	}
	u.RawQuery, u.Fragment = "", "" // may hold a password too
	return strings.Replace(u.String(), ":x@", ":"+mask+"@", 1)
}

// Names lists the variables that Load reads, the *_FILE forms included.
func Names() []string {
	var names []string
	for _, f := range fields() {
		names = append(names, f.name)
		if f.secret {
			names = append(names, f.name+"_FILE")
		}
	}
	return names
}

// ForTests are the variables that only tests read: servers to use in place of
// throwaway ones.
func ForTests() []string {
	return []string{"DRUMBEAT_TEST_DATABASE_URL", "DRUMBEAT_TEST_REDIS_URL"}
}

// Unknown lists the DRUMBEAT_ variables in the environment that nothing reads:
// most likely a slip of the pen, and the setting that was meant has its default.
func Unknown(environ []string) []string {
	known := append(Names(), ForTests()...)
	var unknown []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "DRUMBEAT_") && !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}
