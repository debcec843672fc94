package render

import (
	"fmt"
	"regexp"
	"strings"
)

// expression is what stands between braces, checked and written anew for the
// engine: names in lower case, and what means "nothing" (blank, empty, a pair of
// quotes) as nil, because blank fields are bound as nil.
type expression struct {
	source    string
	names     []usedName
	compares  bool // holds ==, <, and, contains ...
	defaulted bool
}

// usedName is a field with its byte offset in the expression.
type usedName struct {
	name   string
	offset int
}

// expressionError is an error at a byte offset of the expression.
type expressionError struct {
	offset       int
	code         string
	message, fix string
}

var tokenPattern = regexp.MustCompile(
	`^(?:(\s+)|("[^"]*"|'[^']*')|(-?[0-9]{1,9}(?:\.[0-9]{1,9})?)|([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)|(==|!=|>=|<=|>|<)|([|:,()]))`)

// The groups of tokenPattern.
const (
	groupSpace = 1 + iota
	groupString
	groupNumber
	groupWord
	groupRelation
	groupPunctuation
)

// expressionReader reads one expression. Indexing and ranges are not part of the
// language: nothing in a mail needs them.
type expressionReader struct {
	expression
	out      strings.Builder
	previous string // the token before, white space apart
	filter   string // whose arguments are being read; empty: none
	offset   int    // of the filter
	args     int
}

func parseExpression(source string) (expression, *expressionError) {
	r := &expressionReader{}
	for offset := 0; offset < len(source); {
		group, token := nextToken(source[offset:])
		if group == 0 {
			fix := ""
			if source[offset] == '=' {
				fix = "write == to compare"
			}
			return r.expression, &expressionError{offset, CodeExpression, fmt.Sprintf("%q is not understood here", firstRune(source[offset:])), fix}
		}
		if err := r.accept(group, token, offset); err != nil {
			return r.expression, err
		}
		if group != groupSpace {
			r.previous = token
		}
		offset += len(token)
	}
	r.source = strings.TrimSpace(r.out.String())
	if r.source == "" {
		return r.expression, &expressionError{0, CodeExpression, "nothing stands between the braces", ""}
	}
	return r.expression, r.endFilter()
}

// accept checks one token, notes what it means, and writes it as the engine
// shall read it.
func (r *expressionReader) accept(group int, token string, offset int) *expressionError {
	switch {
	case group == groupSpace:
		token = " "
	case r.previous == "|":
		return r.beginFilter(token, offset)
	case group == groupString:
		return r.acceptString(token, offset)
	case group == groupWord:
		return r.acceptWord(token, offset)
	case group == groupRelation:
		r.compares = true
		return r.write(token, r.endFilter())
	case token == "|" || token == ")":
		return r.write(token, r.endFilter())
	case r.filter != "" && (token == ":" || token == ","):
		r.args++
	}
	return r.write(token, nil)
}

func (r *expressionReader) write(token string, err *expressionError) *expressionError {
	r.out.WriteString(token)
	return err
}

func (r *expressionReader) beginFilter(token string, offset int) *expressionError {
	if _, known := filterArities()[token]; !known {
		return &expressionError{offset, CodeUnknownFilter, fmt.Sprintf("unknown filter %q", token), suggest(token, filterNames())}
	}
	r.filter, r.offset, r.args = token, offset, 0
	r.defaulted = r.defaulted || token == "default"
	return r.write(token, nil)
}

// endFilter checks the number of arguments of the filter that was being read.
func (r *expressionReader) endFilter() *expressionError {
	name, wants := r.filter, filterArities()[r.filter]
	r.filter = ""
	if name == "" || wants.least <= r.args && r.args <= wants.most {
		return nil
	}
	message := fmt.Sprintf("filter %q takes %d to %d arguments, not %d", name, wants.least, wants.most, r.args)
	if wants.least == wants.most {
		message = fmt.Sprintf("filter %q wants %d behind its colon, not %d", name, wants.most, r.args)
	}
	return &expressionError{r.offset, CodeExpression, message, ""}
}

func (r *expressionReader) acceptWord(token string, offset int) *expressionError {
	switch token {
	case "and", "or", "contains":
		r.compares = true
		return r.write(token, r.endFilter())
	case "true", "false":
		return r.write(token, nil)
	case "nil", "null", "blank", "empty":
		return r.write(r.nothing(), nil)
	}
	name := strings.ToLower(token)
	r.names = append(r.names, usedName{name, offset})
	return r.write(name, nil)
}

// nothing is an empty text for a filter, which has no use for nil.
func (r *expressionReader) nothing() string {
	if r.filter != "" {
		return "''"
	}
	return "nil"
}

func (r *expressionReader) acceptString(token string, offset int) *expressionError {
	if strings.ContainsAny(token, "{}%\n\r") {
		return &expressionError{offset, CodeExpression, "braces, % and line ends cannot stand in quotes", ""}
	}
	if len(token) == len("''") {
		token = r.nothing()
	}
	return r.write(token, nil)
}

// nextToken is the token at the start of s and its group, 0 for none.
func nextToken(s string) (group int, token string) {
	m := tokenPattern.FindStringSubmatchIndex(s)
	for g := groupSpace; m != nil && g <= groupPunctuation; g++ {
		if m[2*g] >= 0 {
			return g, s[m[2*g]:m[2*g+1]]
		}
	}
	return 0, ""
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
