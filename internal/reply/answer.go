package reply

import "strings"

// Answer is a piece of new text that stands between quoted lines.
type Answer struct {
	Text   string
	Quoted string // the lines right above it, without quote marks; empty above all quotes
}

// answers notes that a segment answers the lines quoted right above it.
func (s *splitter) answers(segment int) {
	if len(s.pending) == 0 {
		return
	}
	if s.above == nil {
		s.above = map[int][]string{}
	}
	s.above[segment] = s.pending
	s.pending = nil
}

// maxAnswers is how many answers between quoted lines are kept apart.
const maxAnswers = 30

// pairs gives the segments within the first lines of the new text, without the
// signature, each with what stands quoted right above it.
func (s *splitter) pairs(lines int) []Answer {
	var found []Answer
	for i, segment := range s.segments {
		segment = trimBlank(segment)
		segment = segment[:min(len(segment), lines)]
		lines -= len(segment)
		if len(segment) == 0 || len(found) == maxAnswers {
			continue
		}
		found = append(found, Answer{
			Text:   strings.TrimSpace(strings.Join(segment, "\n")),
			Quoted: strings.TrimSpace(strings.Join(s.above[i], "\n")),
		})
	}
	if len(found) < 2 {
		return nil // one answer to the whole mail
	}
	return found
}
