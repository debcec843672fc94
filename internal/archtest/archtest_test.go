package archtest

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTheSourcesKeepTheRules(t *testing.T) {
	found, err := check(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
}

func TestTheCheckerBites(t *testing.T) {
	for _, c := range []struct{ name, path, source, want string }{
		{"a pure package reads a file", "internal/policy/x.go", `import "os"`, "may not touch the outside by os"},
		{"a pure package dials", "internal/policy/x.go", "import \"net\"\nvar x = net.LookupHost", "by net.LookupHost"},
		{"a pure package throws dice", "internal/policy/x.go", "import \"math/rand/v2\"\nvar x = rand.IntN", "by chance: rand.IntN"},
		{"a pure package knows an adapter", "internal/render/x.go", `import "drumbeat/internal/postgres"`, "may not import internal/postgres, which is adapter"},
		{"a pure package knows a use case", "internal/reply/x.go", `import "drumbeat/internal/inbound"`, "may not import internal/inbound, which is use case"},
		{"a pure package has a clock", "internal/schedule/x.go", `import "drumbeat/internal/clock"`, "may not import internal/clock"},
		{"a use case knows an adapter", "internal/outbound/x.go", `import "drumbeat/internal/mailer"`, "may not import internal/mailer"},
		{"an adapter knows a use case", "internal/mailbox/x.go", `import "drumbeat/internal/inbound"`, "may not import internal/inbound"},
		{"an adapter knows the wiring", "internal/web/x.go", `import "drumbeat/internal/app"`, "may not import internal/app"},
		{"the worker knows the database", "worker/x.go", `import "drumbeat/internal/postgres"`, "may not import internal/postgres"},
		{"the vocabulary has a library", "internal/outreach/x.go", `import "github.com/oklog/ulid/v2"`, "the standard library alone"},
		{"content has logic", "sequences/x.go", `import "os"`, "may not touch the outside"},
		{"a queue in a use case", "internal/outbound/x.go", `import "github.com/hibiken/asynq"`, "asynq is for worker"},
		{"SQL outside", "internal/web/x.go", `import "database/sql"`, "database/sql is for internal/postgres alone"},
		{"a library below a forbidden one", "internal/web/x.go", `import "github.com/lib/pq/pqerror"`, "lib/pq is for internal/postgres alone"},
		{"mail outside", "internal/app/x.go", `import "github.com/wneessen/go-mail"`, "go-mail is for internal/mailer"},
		{"a test's server in the program", "internal/app/x.go", `import "drumbeat/internal/postgres/pgtest"`, "may not import internal/postgres/pgtest"},
		{"testing in the program", "internal/render/x.go", `import "testing"`, "belongs into tests"},
		{"the time", "internal/mailer/x.go", "import \"time\"\nvar x = time.Now()", "time.Now is for internal/clock alone"},
		{"the time as a value", "internal/mailer/x.go", "import \"time\"\nvar x = time.Now", "time.Now is for"},
		{"the time under another name", "internal/mailer/x.go", "import t \"time\"\nvar x = t.Since", "time.Since is for"},
		{"the time without a name", "internal/mailer/x.go", `import . "time"`, "imported under a name"},
		{"a sleep in a test", "internal/mailer/x_test.go", "import \"time\"\nfunc f() { time.Sleep(1) }", "time.Sleep is for"},
		{"the time in SQL", "internal/postgres/x.go", "const q = `UPDATE leads SET at = NOW()`", "SQL reads the time"},
		{"an init", "internal/mailer/x.go", "func init() {}", "no init"},
		{"a long function", "internal/mailer/x.go", "func f() {" + strings.Repeat("\n", 80) + "}", "f has 81 lines"},
		{"a long file", "internal/mailer/x.go", strings.Repeat("\n", 450), "more than 450"},
		{"a package without a place", "internal/misc/x.go", "", "has no place"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := checkOne(t, c.path, c.source)
			if len(found) != 1 || !strings.Contains(found[0].rule, c.want) {
				t.Errorf("found %v, want one violation with %q", found, c.want)
			}
		})
	}
}

func TestTheCheckerLetsPass(t *testing.T) {
	for _, c := range []struct{ name, path, source string }{
		{"the clock reads the time", "internal/clock/x.go", "import \"time\"\nvar x = time.Now()"},
		{"comparing times", "internal/policy/x.go", "import \"time\"\nfunc f(a, b time.Time) bool { return a.After(b) }"},
		{"a variable that is called time", "internal/policy/x.go", "type c struct{ Now int }\nfunc f(time c) int { return time.Now }"},
		{"a pure package and a library", "internal/render/x.go", `import "github.com/yuin/goldmark"`},
		{"pure packages downwards", "internal/policy/x.go", `import "drumbeat/internal/schedule"`},
		{"the worker and the payloads", "worker/x.go", `import "drumbeat/internal/task"`},
		{"tests may use what they like", "internal/outbound/x_test.go", `import "drumbeat/internal/postgres/pgtest"`},
		{"arithmetic with addresses", "internal/roster/x.go", "import \"net\"\nvar x = net.JoinHostPort(\"h\", \"1\")"},
		{"numbers from a seed", "internal/policy/x.go", "import \"math/rand/v2\"\nvar x = rand.New(rand.NewPCG(1, 2))"},
		{"a package for tests", "internal/mailbox/dovecottest/x.go", `import "testing"`},
		{"the word now in SQL", "internal/postgres/x.go", "const q = `SELECT now_ms FROM t`"},
		{"a generator is a program of its own", "internal/zone/x.go", "//go:build ignore\n\npackage main\n\nimport \"os\""},
		{"testdata is not read", "internal/mailer/testdata/x.go", `import "database/sql"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if found := checkOne(t, c.path, c.source); len(found) > 0 {
				t.Errorf("found %v, want nothing", found)
			}
		})
	}
}

func checkOne(t *testing.T, path, source string) []violation {
	t.Helper()
	if !strings.HasPrefix(source, "//go:build") {
		source = "package x\n" + source
	}
	found, err := check(fstest.MapFS{path: {Data: []byte(source + "\n")}})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
