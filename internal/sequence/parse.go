package sequence

import (
	"path"
	"slices"
	"strings"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
	"drumbeat/internal/strictyaml"
)

// Parse reads one file. The name is for the diagnostics. The sequence is nil when
// one of them is an error.
func Parse(file string, src []byte) (*Sequence, []strictyaml.Diagnostic) {
	s, doc := parse(file, src)
	if strictyaml.HasErrors(doc.Diagnostics()) {
		return nil, doc.Diagnostics()
	}
	return s, doc.Diagnostics()
}

// parse reads a file as far as it can be read: where it has faults, the sequence
// lacks what did not fit. Nil: it is no YAML, or no mapping.
func parse(file string, src []byte) (*Sequence, *strictyaml.Document) {
	doc := strictyaml.Parse(file, src, Schema())
	if doc.Root == nil {
		return nil, doc
	}
	s := &Sequence{
		ID:       outreach.SequenceID(doc.Root.Get("id").Text()),
		Name:     doc.Root.Get("name").TextOr(doc.Root.Get("id").Text()),
		Owner:    outreach.RepID(doc.Root.Get("owner").Text()),
		Goal:     Goal(doc.Root.Get("goal").TextOr(string(GoalPositive))),
		Audience: readAudience(doc, doc.Root.Get("audience")),
		Send:     readSend(doc, doc.Root.Get("send")),
		Steps:    readSteps(doc, doc.Root.Get("steps")),
		Guard:    readGuard(doc.Root.Get("guard")),
		OnReply:  readReactions(doc, doc.Root.Get("on_reply")),
	}
	s.Moved = readMoved(doc, doc.Root.Get("moved"), s.Steps)
	for _, label := range doc.Root.Get("stop").Get("whole_company_on").Texts() {
		s.Stop.WholeCompanyOn = append(s.Stop.WholeCompanyOn, outreach.Label(label))
	}
	return s, doc
}

func readSend(doc *strictyaml.Document, v *strictyaml.Value) Send {
	send := Send{
		Rotation:         Rotation(v.Get("rotation").TextOr(string(RotationLeastLoaded))),
		Window:           readWindow(doc, v.Get("window")),
		Timezone:         strictyaml.ReadOr(v.Get("timezone"), TimezoneLead),
		TimezoneFallback: strictyaml.Read[string](v.Get("timezone_fallback")),
		Holidays:         Holidays(strictyaml.ReadOr(v.Get("holidays"), string(HolidaysNone))),
		DailyPerDomain:   v.Get("daily_per_domain").Int(),
		BCC:              v.Get("bcc").Text(),
		Gap:              strictyaml.ReadOr(v.Get("gap"), schedule.DefaultGap()),
		DailyNewLeads:    v.Get("daily_new_leads").IntOr(DefaultDailyNewLeads),
		ReplyTo:          v.Get("reply_to").Text(),
		Format:           Format(v.Get("format").TextOr(string(FormatHTML))),
		Unknown:          Unknown(v.Get("unknown").TextOr(string(UnknownAssumedSent))),
	}
	for _, id := range v.Get("mailboxes").Texts() {
		send.Mailboxes = append(send.Mailboxes, outreach.MailboxID(id))
	}
	if open := time.Duration(send.Window.To-send.Window.From) * time.Minute; open > 0 && send.Gap.Max > open {
		doc.Report(v.Get("gap"), CodeGapBeyondWindow, "shorten the gap or widen the window",
			"a gap of %s may be longer than the whole window %s-%s", send.Gap, send.Window.From, send.Window.To)
	}
	return send
}

func readWindow(doc *strictyaml.Document, v *strictyaml.Value) schedule.Window {
	usual := schedule.DefaultWindow()
	w := schedule.Window{
		Days: strictyaml.ReadOr(v.Get("days"), usual.Days),
		From: strictyaml.ReadOr(v.Get("from"), usual.From),
		To:   strictyaml.ReadOr(v.Get("to"), usual.To),
	}
	if w.From >= w.To {
		doc.Report(v, CodeWindowEmpty, "let from lie before to, within one day", "the window %s-%s is empty", w.From, w.To)
	}
	return w
}

// readMoved holds that steps which are gone lead to steps that are there.
func readMoved(doc *strictyaml.Document, v *strictyaml.Value, steps []Step) map[outreach.StepID]outreach.StepID {
	has := func(id string) bool {
		return slices.ContainsFunc(steps, func(s Step) bool { return string(s.ID) == id })
	}
	var moved map[outreach.StepID]outreach.StepID
	for _, old := range v.Names() {
		now := v.Get(old)
		if has(old) {
			doc.Report(v.Key(old), CodeMovedPresent, "leave it out, or take the step out", "the step %q is still there", old)
		}
		if !has(now.Text()) {
			doc.Report(now, CodeMovedNowhere, meant(now.Text(), idsOf(steps)), "there is no step %q", now.Text())
		}
		if moved == nil {
			moved = map[outreach.StepID]outreach.StepID{}
		}
		moved[outreach.StepID(old)] = outreach.StepID(now.Text())
	}
	return moved
}

func idsOf(steps []Step) []string {
	var ids []string
	for _, step := range steps {
		ids = append(ids, string(step.ID))
	}
	return ids
}

func readReactions(doc *strictyaml.Document, v *strictyaml.Value) map[outreach.Label]Reaction {
	reactions := map[outreach.Label]Reaction{}
	for _, name := range v.Names() {
		label, given := outreach.Label(name), v.Get(name)
		reaction := Reaction{Draft: given.Get("draft").Text(), Resume: readWait(given.Get("resume")), NoDate: readWait(given.Get("no_date"))}
		if draft := given.Get("draft"); draft.Present() && !answerable(label) {
			doc.Report(draft, CodeNoAnswer, "leave the draft out", "a reply with the label %s is never answered", label)
		}
		for _, key := range []string{"resume", "no_date"} {
			if wait := given.Get(key); wait.Present() && label != outreach.LabelOutOfOffice {
				doc.Report(wait, CodeNotAnAbsence, "put it under out_of_office", "%s is about absences, not about %s", key, label)
			}
		}
		reactions[label] = reaction
	}
	return reactions
}

func readWait(v *strictyaml.Value) *schedule.Wait {
	if !v.Present() {
		return nil
	}
	wait := strictyaml.Read[schedule.Wait](v)
	return &wait
}

// answerable tells whether there may be an answer: who asked for silence gets
// silence, and nobody talks to a machine.
func answerable(label outreach.Label) bool {
	switch label {
	case outreach.LabelUnsubscribe, outreach.LabelComplaint, outreach.LabelAutoReply, outreach.LabelOutOfOffice:
		return false
	}
	return !label.Bounce()
}

// baseName is the name of a step whose template is at a path: "a/intro.md" is
// "intro".
func baseName(template string) string {
	return strings.TrimSuffix(path.Base(template), path.Ext(template))
}
