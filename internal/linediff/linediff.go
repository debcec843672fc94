// Package linediff shows what changed between two texts, line by line.
package linediff

import "strings"

// context is how many lines around a change are shown.
const context = 2

// biggest bounds the table of comparisons: beyond it, what lies between the first
// and the last difference is shown as one change.
const biggest = 4_000_000

// edit is one line: kept (' '), taken out ('-') or put in ('+').
type edit struct {
	mark byte
	text string
}

// Unified gives the changed lines with a few around them, each behind its mark;
// "..." stands where lines are left out. Nil: nothing changed.
func Unified(before, after string) []string {
	edits := compare(lines(before), lines(after))
	show := make([]bool, len(edits))
	changed := false
	for i, e := range edits {
		if e.mark == ' ' {
			continue
		}
		changed = true
		for near := max(0, i-context); near <= min(len(edits)-1, i+context); near++ {
			show[near] = true
		}
	}
	if !changed {
		return nil
	}
	var out []string
	for i, e := range edits {
		switch {
		case show[i]:
			out = append(out, string(e.mark)+" "+e.text)
		case i == 0 || show[i-1]:
			out = append(out, "...")
		}
	}
	return out
}

func lines(text string) []string {
	text = strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// compare finds a longest common subsequence behind what both begin and end with.
func compare(a, b []string) []edit {
	var head, tail []edit
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head, a, b = append(head, edit{' ', a[0]}), a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, edit{' ', a[len(a)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	edits := append(head, between(a, b)...)
	for i := len(tail) - 1; i >= 0; i-- {
		edits = append(edits, tail[i])
	}
	return edits
}

func between(a, b []string) []edit {
	var edits []edit
	i, j := 0, 0
	if len(a)*len(b) <= biggest {
		longest := table(a, b)
		for i < len(a) && j < len(b) {
			switch {
			case a[i] == b[j]:
				edits = append(edits, edit{' ', a[i]})
				i, j = i+1, j+1
			case longest[i+1][j] >= longest[i][j+1]:
				edits = append(edits, edit{'-', a[i]})
				i++
			default:
				edits = append(edits, edit{'+', b[j]})
				j++
			}
		}
	}
	for ; i < len(a); i++ {
		edits = append(edits, edit{'-', a[i]})
	}
	for ; j < len(b); j++ {
		edits = append(edits, edit{'+', b[j]})
	}
	return edits
}

// table holds how long the longest common subsequence of a[i:] and b[j:] is.
func table(a, b []string) [][]int {
	longest := make([][]int, len(a)+1)
	for i := range longest {
		longest[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	return longest
}
