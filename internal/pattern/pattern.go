// Package pattern compiles regular expressions when they are first used. Those that
// tell the kind of a mail in twenty languages take milliseconds and megabytes: a
// command that reads no mail, or a worker that waits for one, need not pay for them.
package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"sync"
)

// Pattern is a regular expression in Go's syntax (RE2: linear in its input). It is
// safe for use by several goroutines.
type Pattern struct {
	source  string
	compile func() *regexp.Regexp
}

var all []*Pattern // every one, for Check

// New makes a pattern of a package-level variable. A broken source panics at the
// first use, and fails Check.
func New(source string) *Pattern {
	p := &Pattern{source: source, compile: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(source) })}
	all = append(all, p)
	return p
}

// Check compiles every pattern of the program: a test asks what the compiler does not.
func Check() error {
	var errs []error
	for _, p := range all {
		if _, err := regexp.Compile(p.source); err != nil {
			errs = append(errs, fmt.Errorf("%q: %w", p.source, err))
		}
	}
	return errors.Join(errs...)
}

// The methods are those of regexp.Regexp.

func (p *Pattern) MatchString(s string) bool              { return p.compile().MatchString(s) }
func (p *Pattern) FindString(s string) string             { return p.compile().FindString(s) }
func (p *Pattern) FindStringIndex(s string) []int         { return p.compile().FindStringIndex(s) }
func (p *Pattern) FindStringSubmatch(s string) []string   { return p.compile().FindStringSubmatch(s) }
func (p *Pattern) FindAllString(s string, n int) []string { return p.compile().FindAllString(s, n) }
func (p *Pattern) FindSubmatch(b []byte) [][]byte         { return p.compile().FindSubmatch(b) }
func (p *Pattern) ReplaceAllString(s, with string) string {
	return p.compile().ReplaceAllString(s, with)
}
func (p *Pattern) ReplaceAll(b, with []byte) []byte { return p.compile().ReplaceAll(b, with) }
func (p *Pattern) FindAllStringIndex(s string, n int) [][]int {
	return p.compile().FindAllStringIndex(s, n)
}
func (p *Pattern) FindAllStringSubmatch(s string, n int) [][]string {
	return p.compile().FindAllStringSubmatch(s, n)
}
func (p *Pattern) FindAllStringSubmatchIndex(s string, n int) [][]int {
	return p.compile().FindAllStringSubmatchIndex(s, n)
}
