//go:build ignore

// Generate writes countries.txt from the tz database's zone.tab and iso3166.tab:
// a line a country with its code, its English name and its zones, in the order of
// zone.tab. Zones of a country that keep the same time from now on are one:
// for the question when somebody is at work, Berlin and Büsingen do not differ.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The years over which zones are compared.
const firstYear, lastYear = 2024, 2034

func main() {
	tzdir := flag.String("tzdir", "/usr/share/zoneinfo", "where zone.tab and iso3166.tab are")
	out := flag.String("out", "countries.txt", "the file to write")
	flag.Parse()
	zones := map[string][]string{}
	for _, columns := range table(filepath.Join(*tzdir, "zone.tab")) {
		code, name := columns[0], columns[2]
		if !known(zones[code], name) {
			zones[code] = append(zones[code], name)
		}
	}
	var text bytes.Buffer
	fmt.Fprintln(&text, "# code, name, zones. Made by generate.go from the tz database (public domain).")
	for _, columns := range table(filepath.Join(*tzdir, "iso3166.tab")) {
		if len(zones[columns[0]]) > 0 {
			fmt.Fprintf(&text, "%s\t%s\t%s\n", columns[0], columns[1], strings.Join(zones[columns[0]], " "))
		}
	}
	if err := os.WriteFile(*out, text.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}

// table reads a file of columns divided by tabs.
func table(path string) [][]string {
	text, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" && line[0] != '#' {
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	return rows
}

// known tells whether a zone keeps the time of one of the others.
func known(others []string, name string) bool {
	for _, other := range others {
		if same(load(other), load(name)) {
			return true
		}
	}
	return false
}

func same(a, b *time.Location) bool {
	end := time.Date(lastYear, 1, 1, 0, 0, 0, 0, time.UTC)
	for t := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC); t.Before(end); t = t.Add(6 * time.Hour) {
		_, east := t.In(a).Zone()
		_, other := t.In(b).Zone()
		if east != other {
			return false
		}
	}
	return true
}

func load(name string) *time.Location {
	location, err := time.LoadLocation(name)
	if err != nil {
		log.Fatal(err)
	}
	return location
}
