package render

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// expression is what stands between braces, checked and written anew for the
// engine: names in lower case, and everything that means "nothing" (empty, blank,
// "", ”) as nil, because blank fields are bound as nil.
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

// parseExpression reads one expression. Indexing and ranges are not part of the
// language: nothing in a mail needs them.
func parseExpression(source string) (expression, *expressionError) {
	var e expression
	var out strings.Builder
	filterNext := false
	for offset := 0; offset < len(source); {
		group, token := nextToken(source[offset:])
		if group == 0 {
			return e, &expressionError{offset, CodeExpression, fmt.Sprintf("%q is not understood here", firstRune(source[offset:])), ""}
		}
		word, err := e.accept(group, token, offset, filterNext)
		if err != nil {
			return e, err
		}
		if group != groupSpace {
			filterNext = token == "|"
		}
		out.WriteString(word)
		offset += len(token)
	}
	e.source = strings.TrimSpace(out.String())
	if e.source == "" {
		return e, &expressionError{0, CodeExpression, "nothing stands between the braces", ""}
	}
	return e, nil
}

// accept checks one token, notes what it means, and gives it as the engine
// shall read it.
func (e *expression) accept(group int, token string, offset int, filter bool) (string, *expressionError) {
	switch {
	case filter && group != groupSpace:
		return e.acceptFilter(token, offset)
	case group == groupSpace:
		return " ", nil
	case group == groupString:
		return acceptString(token, offset)
	case group == groupRelation:
		e.compares = true
	case group == groupWord:
		return e.acceptWord(token, offset), nil
	}
	return token, nil
}

func (e *expression) acceptFilter(token string, offset int) (string, *expressionError) {
	if !slices.Contains(filterNames(), token) {
		return "", &expressionError{offset, CodeUnknownFilter, fmt.Sprintf("unknown filter %q", token), suggest(token, filterNames())}
	}
	e.defaulted = e.defaulted || token == "default"
	return token, nil
}

func (e *expression) acceptWord(token string, offset int) string {
	switch token {
	case "and", "or", "contains":
		e.compares = true
		return token
	case "true", "false", "nil":
		return token
	case "null", "blank", "empty":
		return "nil"
	}
	name := strings.ToLower(token)
	e.names = append(e.names, usedName{name, offset})
	return name
}

func acceptString(token string, offset int) (string, *expressionError) {
	if strings.ContainsAny(token, "{}%\n\r") {
		return "", &expressionError{offset, CodeExpression, "braces, % and line ends cannot stand in quotes", ""}
	}
	if len(token) == 2 {
		return "nil", nil
	}
	return token, nil
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
