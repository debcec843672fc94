package classify

import (
	"cmp"
	"regexp"
	"strings"
)

// shortAnswer is up to how many words an answer takes its meaning from the
// question below it.
const shortAnswer = 6

// quotedHead is how much of a quoted text is searched for what was asked.
const quotedHead = 4 << 10

// firstQuestion gives what a short answer answers: the first question of the
// quoted text, which is what a mail is about; later ones are usually its
// postscript. Footers ("reply stop to unsubscribe") ask nothing.
func firstQuestion(quoted string) string {
	quoted = capText(quoted, quotedHead)
	at := strings.IndexAny(quoted, "?？")
	if at < 0 {
		return ""
	}
	begin := strings.LastIndexAny(quoted[:at], ".!?\n") + 1
	return strings.TrimSpace(quoted[begin : at+1])
}

// lastQuestion gives what an answer between quoted lines answers: the last
// question above it, else the last line.
func lastQuestion(quoted string) string {
	quoted = strings.TrimSpace(capText(quoted[max(0, len(quoted)-quotedHead):], quotedHead))
	end := strings.LastIndexAny(quoted, "?？")
	if end < 0 {
		return quoted[strings.LastIndexByte(quoted, '\n')+1:]
	}
	begin := strings.LastIndexAny(quoted[:end], ".!?\n") + 1
	return strings.TrimSpace(quoted[begin : end+1])
}

// exchange is a short answer with the question that it answers.
type exchange struct {
	answer   text
	said     []hit
	question text
	asked    []hit // concepts of the question
	chosen   bool  // the answer is the letter or number of a choice below it
}

// exchanges finds the short answers of a reply: each one between quoted lines
// with its own question, or the whole reply with the first question below it.
func (c *Classifier) exchanges(r reading) []exchange {
	var found []exchange
	for _, a := range r.in.Answers {
		answer := tokenise(capText(a.Text, 1<<10))
		if a.Quoted == "" || len(answer.tokens) == 0 || len(answer.tokens) > shortAnswer {
			continue
		}
		question := tokenise(lastQuestion(a.Quoted))
		found = append(found, exchange{answer: answer, said: c.lexicon.find(answer, ""), question: question, asked: c.lexicon.find(question, "")})
	}
	if len(r.in.Answers) > 1 || len(r.text.tokens) == 0 || len(r.text.tokens) > shortAnswer {
		return found
	}
	choice := choiceOf(r.text, r.in.Quoted)
	question := tokenise(cmp.Or(choice, firstQuestion(r.in.Quoted)))
	return []exchange{{r.text, r.hits, question, c.lexicon.find(question, ""), choice != ""}}
}

// choicePattern finds the marks of a list of choices: "a)", "(2)", "C.".
var choicePattern = regexp.MustCompile(`(?:^|[\s(])([A-Za-z1-9])[).:]\s+`)

// choiceOf gives the words of the choice that an answer such as "D." or "2"
// picks from the quoted text; empty when it picks none.
func choiceOf(answer text, quoted string) string {
	if len(answer.tokens) != 1 || len(answer.tokens[0].text) != 1 {
		return ""
	}
	quoted = capText(quoted, quotedHead)
	marks := choicePattern.FindAllStringSubmatchIndex(quoted, 20)
	for i, mark := range marks {
		if !strings.EqualFold(quoted[mark[2]:mark[3]], answer.tokens[0].text) {
			continue
		}
		end := len(quoted)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		words, _, _ := strings.Cut(quoted[mark[1]:end], "\n")
		return strings.TrimSpace(words)
	}
	return ""
}

// offersToStop tells whether a quoted text says that the sender need only be told:
// "if you would rather not hear from me, let me know".
func (c *Classifier) offersToStop(quoted string) bool {
	t := tokenise(capText(quoted, quotedHead))
	stops, tells := map[int]bool{}, map[int]bool{}
	for _, h := range c.lexicon.find(t, "") {
		sentence := t.tokens[h.start].sentence
		switch c.lexicon.concepts[h.concept].name {
		case "x.stopq":
			stops[sentence] = true
		case "x.tellme":
			tells[sentence] = true
		}
	}
	for sentence := range stops {
		if tells[sentence] || tells[sentence+1] || tells[sentence-1] {
			return true
		}
	}
	return false
}
