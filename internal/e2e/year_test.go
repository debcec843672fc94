package e2e

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/jhillyerd/enmime/v2"

	"drumbeat/internal/clock"
)

// realYear finds the machine's year as a number of its own or at the head of a
// date. In the midst of a token or a hash it means nothing.
func realYear() *regexp.Regexp {
	year := clock.Machine{}.Now().Year()
	return regexp.MustCompile(fmt.Sprintf(`(?:^|[^0-9A-Za-z])%d(?:[01][0-9][0-3][0-9])?(?:$|[^0-9A-Za-z]|T[0-9])`, year))
}

// near is a find with what stands around it.
func near(text string, at []int) string { return text[max(0, at[0]-60):min(len(text), at[1]+40)] }

func mailsWithoutTheRealYear(t *testing.T, r *run) {
	year := realYear()
	look := func(name string, raw []byte) {
		texts := []string{string(raw)}
		if envelope, err := enmime.ReadEnvelope(bytes.NewReader(raw)); err == nil {
			texts = append(texts, envelope.Text, envelope.HTML, envelope.GetHeader("Subject"))
		}
		for _, text := range texts {
			if at := year.FindStringIndex(text); at != nil {
				t.Errorf("%s: ...%s...", name, near(text, at))
			}
		}
	}
	for _, a := range r.accepts {
		look(fmt.Sprintf("mail %d to %s", a.Seq, a.To), a.Raw)
	}
	for _, row := range rowsOf[struct {
		ID  int64  `db:"id"`
		Raw []byte `db:"raw"`
	}](t, r, `SELECT id, raw FROM messages`) {
		look(fmt.Sprintf("message %d", row.ID), row.Raw)
	}
}

func rowsWithoutTheRealYear(t *testing.T, r *run) {
	year, tables := realYear(), 0
	// Whole numbers are counts, ids and machine milliseconds; everything else is read as text.
	columns := rowsOf[struct {
		Table  string `db:"table_name"`
		Column string `db:"column_name"`
		Type   string `db:"data_type"`
	}](t, r, `SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
		JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.table_name <> 'goose_db_version'
			AND c.data_type NOT IN ('integer', 'bigint', 'smallint', 'boolean') ORDER BY 1, c.ordinal_position`)
	seen := map[string]bool{}
	for _, c := range columns {
		if !seen[c.Table] {
			seen[c.Table], tables = true, tables+1
		}
		text := fmt.Sprintf(`%q::text`, c.Column)
		if c.Type == "bytea" {
			text = fmt.Sprintf(`encode(%q, 'escape')`, c.Column)
		}
		for _, value := range rowsOf[string](t, r, fmt.Sprintf(`SELECT COALESCE(%s, '') FROM %q`, text, c.Table)) {
			if at := year.FindStringIndex(value); at != nil {
				t.Errorf("%s.%s: ...%s...", c.Table, c.Column, near(value, at))
				break
			}
		}
	}
	if tables < 20 {
		t.Errorf("only %d tables were looked at", tables)
	}
}

var links = regexp.MustCompile(`(?:href|action)="(/[^"]*)"`)

// pagesWithoutTheRealYear follows every link of the site.
func pagesWithoutTheRealYear(t *testing.T, r *run) {
	year := realYear()
	todo, seen := []string{"/"}, map[string]bool{"/": true}
	leads := 0
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		if strings.HasPrefix(path, "/leads/") {
			leads++
		}
		body := page(t, r, path)
		for _, find := range []*regexp.Regexp{year, unfilled} {
			if at := find.FindStringIndex(body); at != nil {
				t.Errorf("%s: ...%s...", path, near(body, at))
			}
		}
		for _, link := range links.FindAllStringSubmatch(body, -1) {
			next, _, _ := strings.Cut(html.UnescapeString(link[1]), "#")
			if strings.HasPrefix(link[0], "href") && !seen[next] {
				seen[next] = true
				todo = append(todo, next)
			}
		}
		if len(seen) > 3000 {
			t.Fatalf("the site has no end: %s", path)
		}
	}
	t.Logf("%d pages, %d of leads", len(seen), leads)
	if leads < 200 {
		t.Errorf("only %d leads can be reached by links", leads)
	}
}

func page(t *testing.T, r *run, path string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.Site.Addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("GET %s: %d, %v", path, answer.StatusCode, err)
	}
	return string(body)
}
