package archtest

import "strings"

// layer is what kind of package one is, and so what it may import.
type layer string

const (
	content    layer = "content"    // shipped files and their embed.go; no logic
	vocabulary layer = "vocabulary" // the standard library alone
	clockwork  layer = "clock"      // the only one that reads the time
	pure       layer = "pure"       // functions of values: no I/O, no time
	useCase    layer = "use case"   // owns small interfaces; no adapter
	adapter    layer = "adapter"    // one technology; no use case
	job        layer = "job"        // the worker: decode, call one use case
	wiring     layer = "wiring"     // puts adapters under use cases
	proof      layer = "proof"      // measures the whole and tries to break it
	command    layer = "command"    // flags in, app called, tables out
	forTests   layer = "for tests"  // imported by tests alone
)

// layers gives every package its place; a package below one that is named
// belongs to it. Packages whose name ends in test are for tests.
var layers = map[string]layer{
	"cmd/drumbeat": command,
	"worker":       job,
	"sequences":    content,
	"templates":    content,
	"migrations":   content,
	"schema":       content,

	"internal/demo": content,
	"internal/e2e":  forTests,

	"internal/outreach": vocabulary,
	"internal/pattern":  vocabulary,
	"internal/clock":    clockwork,

	"internal/address":    pure,
	"internal/casestudy":  pure,
	"internal/classify":   pure,
	"internal/condition":  pure,
	"internal/holiday":    pure,
	"internal/icp":        pure,
	"internal/leadfile":   pure,
	"internal/linediff":   pure,
	"internal/policy":     pure,
	"internal/proportion": pure,
	"internal/qualify":    pure,
	"internal/render":     pure,
	"internal/reply":      pure,
	"internal/roster":     pure,
	"internal/schedule":   pure,
	"internal/sequence":   pure,
	"internal/signature":  pure,
	"internal/strictyaml": pure,
	"internal/token":      pure,
	"internal/zone":       pure,

	"internal/digest":    useCase,
	"internal/inbound":   useCase,
	"internal/outbound":  useCase,
	"internal/reconcile": useCase,
	"internal/simulate":  useCase,
	"internal/stepper":   useCase,

	"internal/config":     adapter,
	"internal/embedded":   adapter,
	"internal/faultproxy": adapter,
	"internal/llm":        adapter,
	"internal/mailbox":    adapter,
	"internal/mailer":     adapter,
	"internal/mailworld":  adapter,
	"internal/metrics":    adapter,
	"internal/postgres":   adapter,
	"internal/spool":      adapter,
	"internal/task":       adapter,
	"internal/web":        adapter,
	"internal/webhook":    adapter,

	"internal/app": wiring,

	"internal/bench": proof,
}

// mayImport says which layers a layer may import, itself included. Go itself
// forbids cycles, so imports among pure packages always point downwards.
var mayImport = map[layer][]layer{
	content:    {},
	vocabulary: {},
	clockwork:  {},
	pure:       {vocabulary, pure},
	useCase:    {vocabulary, clockwork, pure, useCase},
	adapter:    {vocabulary, clockwork, pure, adapter, content},
	job:        {vocabulary, clockwork, pure, useCase},
	wiring:     {vocabulary, clockwork, pure, useCase, adapter, job, content},
	proof:      {vocabulary, clockwork, pure, useCase, adapter, job, wiring, content},
	command:    {vocabulary, clockwork, pure, useCase, adapter, job, wiring, proof, content},
	forTests:   {vocabulary, clockwork, adapter, content, forTests},
}

// exceptions are single imports that the table would refuse, each with its reason.
var exceptions = map[string]string{
	"worker -> internal/task": "the payloads that the worker decodes are made there",
}

// libraries names who may import what talks to the outside; the paths stand for
// everything below them.
var libraries = map[string][]string{
	"github.com/hibiken/asynq":      {"worker", "internal/task", "internal/app"},
	"github.com/jmoiron/sqlx":       {"internal/postgres"},
	"github.com/lib/pq":             {"internal/postgres"},
	"github.com/pressly/goose/v3":   {"internal/postgres"},
	"database/sql":                  {"internal/postgres"},
	"github.com/wneessen/go-mail":   {"internal/mailer", "internal/bench"},
	"github.com/emersion/go-imap":   {"internal/mailbox", "internal/mailworld"},
	"github.com/emersion/go-smtp":   {"internal/mailer"}, // a receiver of others, in tests
	"github.com/alicebob/miniredis": {"internal/embedded"},
	"github.com/spf13/cobra":        {"cmd/drumbeat"},
	"github.com/caarlos0/env":       {"internal/config"},
	"github.com/expr-lang/expr":     {"internal/condition"},
	"github.com/rickar/cal":         {"internal/holiday"},
}

// outside is what pure packages and the vocabulary may not touch. Such as net/mail
// and net/url are fine: they only read text. Of net itself and
// of math/rand/v2 see reachesOut and seeded.
var outside = []string{
	"os", "os/exec", "os/signal", "os/user", "syscall", "net/http", "net/smtp", "net/rpc",
	"database/sql", "log", "math/rand", "crypto/rand",
}

// readsTheTime are the functions of package time that ask or wait.
var readsTheTime = []string{
	"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Sleep",
}

// reachesOut are the beginnings of the names in package net that are more than
// arithmetic with addresses.
var reachesOut = []string{"Dial", "Listen", "Lookup", "Resolve", "Interface", "FileConn", "DefaultResolver"}

// seeded are the names in math/rand/v2 that give the same numbers every time.
var seeded = []string{"New", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source", "PCG", "ChaCha8", "Zipf"}

// placeOf finds the layer of a package by its directory.
func placeOf(dir string) (layer, bool) {
	if strings.HasSuffix(dir, "test") {
		return forTests, true
	}
	for path := dir; path != "."; path = parent(path) {
		if l, ok := layers[path]; ok {
			return l, true
		}
	}
	return "", false
}

func parent(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i]
	}
	return "."
}

// within tells whether path is dir or lies below it.
func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, dir+"/")
}
