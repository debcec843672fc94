package render

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
)

// Spintax, {hello|hi}, varies a text from lead to lead. It is read after Liquid,
// when a lead's data are single characters, so nothing that a lead brings along is
// ever taken for it; and before Markdown, so an option may hold a link. Which
// option a lead gets hangs on Vars.WithLot alone.

// The braces and the bar of a raw block on their way past the choice.
const (
	rawOpen  = '\uE003'
	rawClose = '\uE004'
	rawBar   = '\uE005'
)

const maxSpinDepth = 3

var (
	hideBraces = strings.NewReplacer("{", string(rawOpen), "}", string(rawClose), "|", string(rawBar))
	showBraces = strings.NewReplacer(string(rawOpen), "{", string(rawClose), "}", string(rawBar), "|")
)

// spinFault is what is wrong with the spintax of a text.
type spinFault struct {
	offset       int // in bytes
	message, fix string
}

// checkSpin finds braces that choose between nothing. The text is a skeleton.
func checkSpin(text string) *spinFault {
	type group struct{ at, bars int }
	var open []group
	for i := range len(text) {
		switch text[i] {
		case '{':
			if open = append(open, group{at: i}); len(open) > maxSpinDepth {
				return &spinFault{i, fmt.Sprintf("a choice within a choice, %d deep", len(open)), "write the texts out"}
			}
		case '|':
			if len(open) > 0 {
				open[len(open)-1].bars++
			}
		case '}':
			if len(open) == 0 {
				return &spinFault{i, "a } without a {", "remove it, or put it between {% raw %} and {% endraw %}"}
			}
			last := open[len(open)-1]
			if open = open[:len(open)-1]; last.bars == 0 {
				return &spinFault{last.at, fmt.Sprintf("%s chooses between nothing", excerpt(text[last.at:i+1])),
					"write {one|two} for a choice and {{ first_name }} for a field"}
			}
		}
	}
	if len(open) > 0 {
		return &spinFault{open[0].at, "a choice is never closed", "close it with }"}
	}
	return nil
}

func excerpt(text string) string {
	const longest = 30
	text = strings.Map(func(r rune) rune {
		if baseOf(r) != 0 || r == '\n' {
			return '.'
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "..."
	}
	return text
}

// spin takes one option of each choice. The same lot and the same place give the
// same option; without a lot it is always the first.
func spin(skeleton, lot, place string) string {
	if !strings.ContainsAny(skeleton, "{") {
		return showBraces.Replace(skeleton)
	}
	s := spinner{text: skeleton, lot: lot, place: place}
	chosen, _ := s.until(len(skeleton), 0)
	return showBraces.Replace(chosen)
}

type spinner struct {
	text       string
	at         int
	lot, place string
	choices    int
}

// until reads to the end of an option or, on the outermost level, of the text. It
// gives the text and what ended it.
func (s *spinner) until(end, depth int) (text string, ended byte) {
	var b strings.Builder
	for s.at < end {
		c := s.text[s.at]
		s.at++
		switch {
		case c == '{' && depth < maxSpinDepth:
			b.WriteString(s.choose(end, depth+1))
		case depth > 0 && (c == '|' || c == '}'):
			return b.String(), c
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), 0
}

// choose reads the options of a choice and takes one. What no check has seen, since
// the branches of a lead put it together, goes out as it stands when it never ends.
func (s *spinner) choose(end, depth int) string {
	number, start := s.choices, s.at
	s.choices++
	var options []string
	for {
		option, ended := s.until(end, depth)
		options = append(options, option)
		switch ended {
		case '}':
			return options[s.draw(number, len(options))]
		case 0:
			return s.text[start-1 : end]
		}
	}
}

func (s *spinner) draw(number, options int) int {
	if s.lot == "" {
		return 0
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "spin:%s:%s:%d", s.lot, s.place, number))
	return int(binary.BigEndian.Uint64(sum[:8]) % uint64(options))
}
