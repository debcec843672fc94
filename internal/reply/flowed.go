package reply

import "strings"

// unflow joins the soft line breaks of format=flowed (RFC 3676): a line that
// ends in a space goes on in the next line of the same quote depth, unless it
// is the signature mark. With DelSp the space itself goes.
func unflow(text string, delSp bool) string {
	var b strings.Builder
	b.Grow(len(text))
	open, depth := false, 0
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		content := strings.TrimLeft(line, ">")
		level := len(line) - len(content)
		if open && level != depth {
			b.WriteByte('\n')
			open = false
		}
		content = strings.TrimPrefix(content, " ") // space-stuffing
		if !open && level > 0 {
			b.WriteString(line[:level])
			b.WriteByte(' ')
		}
		soft := strings.HasSuffix(content, " ") && content != "-- "
		if soft && delSp {
			content = content[:len(content)-1]
		}
		b.WriteString(content)
		if !soft {
			b.WriteByte('\n')
		}
		open, depth = soft, level
	}
	return b.String()
}
