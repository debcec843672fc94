package classify

import "strings"

// shortAnswer is up to how many words an answer takes its meaning from the
// question below it.
const shortAnswer = 6

// lastQuestion gives what a short answer answers: the last sentences of the
// quoted text that ask, or its choices. Footers ("reply stop to unsubscribe")
// ask nothing.
func lastQuestion(quoted string) string {
	if len(quoted) > 4<<10 {
		quoted = capText(quoted, 4<<10)
	}
	at := strings.IndexAny(quoted, "?？")
	if at < 0 {
		return ""
	}
	var questions []string
	for at >= 0 {
		begin := strings.LastIndexAny(quoted[:at], ".!?\n") + 1
		questions = append(questions, strings.TrimSpace(quoted[begin:at+1]))
		next := strings.IndexAny(quoted[at+1:], "?？")
		if next < 0 {
			break
		}
		at += 1 + next
	}
	// The first question of the newest mail is what it is about; later ones are
	// usually its postscript.
	return questions[0]
}
