package strictyaml

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// excerptWidth bounds the excerpt of a line, in characters.
const excerptWidth = 160

// WriteText writes diagnostics for people: where, code, what, and below it the
// line with a caret and the way out. source gives a file's bytes by its name; nil
// bytes leave the excerpt out.
func WriteText(w io.Writer, diagnostics []Diagnostic, source func(file string) []byte) error {
	lines := map[string][]string{} // by file: a file may have thousands of faults
	for _, d := range diagnostics {
		if _, read := lines[d.File]; !read {
			lines[d.File] = strings.Split(string(source(d.File)), "\n")
		}
		line := ""
		if all := lines[d.File]; 0 < d.Line && d.Line <= len(all) {
			line = bareLine(all[d.Line-1])
		}
		if _, err := io.WriteString(w, d.text(line)); err != nil {
			return err
		}
	}
	return nil
}

// text is the diagnostic with the line of the file that it is about.
func (d Diagnostic) text(line string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: ", d.File, d.Line, d.Column)
	if d.Severity == Warning {
		b.WriteString("warning: ")
	}
	fmt.Fprintf(&b, "%s %s\n", d.Code, printable(d.Message))
	fix := printable(d.Fix)
	line = printable(line)
	if strings.TrimSpace(line) == "" || utf8.RuneCountInString(line) > excerptWidth {
		if fix != "" {
			fmt.Fprintf(&b, "  %s\n", fix)
		}
		return b.String()
	}
	margin := fmt.Sprintf("%5d | ", d.Line)
	indent := strings.Repeat(" ", len(margin)-2) + "| " + strings.Repeat(" ", d.Column-1)
	fmt.Fprintf(&b, "%s%s\n%s\n", margin, line, strings.TrimRight(indent+"^ "+fix, " "))
	return b.String()
}

// printable replaces control characters, a tab among them, by a space: a file must
// not steer the terminal it is shown on, and the caret counts characters.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
}

// WriteGitHub writes diagnostics as workflow commands, which GitHub shows beside
// the line in a review.
func WriteGitHub(w io.Writer, diagnostics []Diagnostic) error {
	// The escapes are those of the Actions toolkit: in properties also : and ,
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, d := range diagnostics {
		message := d.Message
		if d.Fix != "" {
			message += "\n" + d.Fix
		}
		_, err := fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d,title=%s::%s\n",
			d.Severity, property.Replace(d.File), d.Line, d.Column, d.Code, data.Replace(message))
		if err != nil {
			return err
		}
	}
	return nil
}
