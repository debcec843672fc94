package zone

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:embed countries.txt
var countriesText string

//go:embed names.txt
var namesText string

//go:embed regions.txt
var regionsText string

// tables is what the three files say, under folded names.
type tables struct {
	codes   map[string]string            // a country's code or name -> its code
	zones   map[string][]string          // code -> zones
	regions map[string]map[string]string // code -> region's code or name -> zone
}

// read parses the embedded files once.
var read = sync.OnceValue(func() tables {
	t := tables{codes: map[string]string{}, zones: map[string][]string{}, regions: map[string]map[string]string{}}
	for _, row := range rows(countriesText) {
		t.codes[fold(row[0])], t.codes[fold(row[1])] = row[0], row[0]
		t.zones[row[0]] = strings.Fields(row[2])
	}
	for _, row := range rows(namesText) {
		t.codes[fold(row[1])] = row[0]
	}
	for _, row := range rows(regionsText) {
		if t.regions[row[0]] == nil {
			t.regions[row[0]] = map[string]string{}
		}
		t.regions[row[0]][fold(row[1])], t.regions[row[0]][fold(row[2])] = row[3], row[3]
	}
	return t
})

// Country gives the ISO 3166-1 code of a country that a list names by its code or
// one of its usual names.
func Country(text string) (code string, ok bool) {
	code, ok = read().codes[fold(text)]
	return code, ok
}

// ofRegion finds the zone of a region: its name, its code, or both as in
// "US-CA".
func ofRegion(country, region string) (string, bool) {
	name := strings.TrimPrefix(fold(region), fold(country)+"-")
	zone, ok := read().regions[country][name]
	return zone, ok
}

func rows(text string) [][]string {
	var found [][]string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") {
			found = append(found, strings.Split(line, "\t"))
		}
	}
	return found
}

// fold makes spellings of one name equal: case, accents and outer space.
func fold(text string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.TrimSpace(text)) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
