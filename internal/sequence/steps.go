package sequence

import (
	"drumbeat/internal/condition"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/schedule"
	"drumbeat/internal/strictyaml"
)

// stepReader reads steps in order and keeps what the next one needs of those
// before it.
type stepReader struct {
	doc     *strictyaml.Document
	lines   map[outreach.StepID]int // where an id was first taken
	before  []condition.Step        // the steps that conditions may ask about
	sure    bool                    // an email without a condition came before
	mailed  bool                    // an email came before
	waiting bool                    // and a wait since
}

func readSteps(doc *strictyaml.Document, v *strictyaml.Value) []Step {
	if !v.Present() {
		return nil
	}
	if v.Complete() && len(v.Items()) == 0 {
		doc.Report(v, CodeNoSteps, "add a step: - email: intro.md", "there are no steps")
		return nil
	}
	r := &stepReader{doc: doc, lines: map[outreach.StepID]int{}}
	var steps []Step
	named := !v.Complete() // a step that could not be read may send one
	for _, item := range v.Items() {
		steps = append(steps, r.read(item))
		named = named || item.Key("email") != nil
	}
	if !r.mailed && !named {
		doc.Report(v, CodeNoEmail, "add a step: - email: intro.md", "no step sends an email")
	}
	return steps
}

func (r *stepReader) read(v *strictyaml.Value) Step {
	step := Step{ID: outreach.StepID(v.Get("id").Text()), Wait: strictyaml.Read[schedule.Wait](v.Get("wait")), When: v.Get("when").Text()}
	r.checkAction(v)
	r.waiting = r.waiting || v.Key("wait") != nil && (!step.Wait.IsZero() || !v.Get("wait").Present())
	if email := v.Get("email"); email.Present() {
		step.Email = r.readEmail(v, email)
	}
	if task := v.Get("task"); task.Present() {
		step.Task = readTask(task)
		checkLine(r.doc, task.Get("title"))
	}
	if webhook := v.Get("webhook"); webhook.Present() {
		step.Webhook = readWebhook(r.doc, webhook)
	}
	r.name(&step, v)
	if when := v.Get("when"); when.Present() {
		if _, fault := condition.Parse(step.When, r.before); fault != nil {
			r.doc.Report(when.At(fault.Offset), CodeBadCondition, fault.Fix, "%s", fault.Message)
		}
	}
	r.before = append(r.before, step.asked())
	return step
}

// asked is what later conditions may ask about the step.
func (s Step) asked() condition.Step {
	asked := condition.Step{ID: s.ID, Mails: s.Email != nil}
	if s.Email != nil {
		for _, variant := range s.Email.Variants {
			asked.Variants = append(asked.Variants, variant.ID)
		}
	}
	return asked
}

// Condition compiles the condition of a step; nil when it has none.
func (s *Sequence) Condition(step int) (*condition.Condition, error) {
	if s.Steps[step].When == "" {
		return nil, nil
	}
	var before []condition.Step
	for _, earlier := range s.Steps[:step] {
		before = append(before, earlier.asked())
	}
	c, fault := condition.Parse(s.Steps[step].When, before)
	if fault != nil {
		return nil, fault
	}
	return c, nil
}

// checkAction holds that a step does exactly one thing.
func (r *stepReader) checkAction(v *strictyaml.Value) {
	var actions []string
	for _, action := range []string{"email", "task", "webhook"} {
		if v.Key(action) != nil {
			actions = append(actions, action)
		}
	}
	switch len(actions) {
	case 0:
		r.doc.Report(v, CodeStepWithoutAction, "add email:, task: or webhook:", "the step does nothing")
	case 1:
	default:
		r.doc.Report(v.Key(actions[1]), CodeStepTwoActions, "make two steps of it",
			"a step does one thing; this one has %s and %s", actions[0], actions[1])
	}
}

func (r *stepReader) readEmail(step, v *strictyaml.Value) *Email {
	usual := ThreadReply
	if !r.mailed {
		usual = ThreadNew
	}
	email := &Email{
		Template:  v.Get("template").Text(),
		Thread:    Thread(v.Get("thread").TextOr(string(usual))),
		Subject:   v.Get("subject").Text(),
		Require:   v.Get("require").Texts(),
		Variants:  readVariants(r.doc, v.Get("variants")),
		CaseStudy: CaseStudy(v.Get("case_study").Text()),
	}
	if !r.mailed && email.Thread == ThreadReply {
		r.doc.Report(v.Get("thread"), CodeFirstStepReplies, "write thread: new, or leave it out",
			"the first email has nothing to reply to")
	}
	if r.mailed && !r.sure && email.Thread == ThreadReply {
		r.doc.Report(step.Key("email"), CodeReplyToSkipped, "give it a subject and thread: new, or take when: off an email before it",
			"every email before this one may be skipped, so it may have nothing to reply to")
	}
	if r.mailed && !r.waiting {
		r.doc.Report(step, CodeMissingWait, "add wait: 3 business days",
			"this email would go out right after the one before it")
	}
	if subject := v.Get("subject"); subject.Present() && r.mailed && email.Thread == ThreadReply {
		r.doc.Report(subject, CodeSubjectInReply, "write thread: new, or leave the subject out",
			"a reply keeps the subject of its conversation")
	}
	checkLine(r.doc, v.Get("subject"))
	r.mailed, r.waiting = true, false
	r.sure = r.sure || step.Key("when") == nil
	return email
}

// checkLine reports the faults of a line of Liquid where they stand.
func checkLine(doc *strictyaml.Document, v *strictyaml.Value) {
	if !v.Present() {
		return
	}
	_, faults := render.ParseLine("", 1, 1, v.Text())
	for _, fault := range faults {
		doc.Report(v.At(fault.Column-1), fault.Code, fault.Fix, "%s", fault.Message)
	}
}

func readTask(v *strictyaml.Value) *Task {
	return &Task{
		Kind:               v.Get("kind").Text(),
		Title:              v.Get("title").TextOr(v.Get("kind").Text()),
		Due:                strictyaml.Read[schedule.Wait](v.Get("due")),
		SkipIfNotDoneAfter: strictyaml.Read[schedule.Wait](v.Get("skip_if_not_done_after")),
	}
}

// name gives a step without an id the name of its template or kind, and holds
// that no two steps have one name.
func (r *stepReader) name(step *Step, v *strictyaml.Value) {
	at := v.Get("id")
	if v.Key("id") == nil {
		switch {
		case step.Email != nil:
			at, step.ID = v.Get("email").Get("template"), outreach.StepID(baseName(step.Email.Template))
		case step.Task != nil:
			at, step.ID = v.Get("task").Get("kind"), outreach.StepID(step.Task.Kind)
		case step.Webhook != nil:
			at, step.ID = v.Get("webhook"), "webhook"
		}
	}
	if step.ID == "" {
		return
	}
	if line, taken := r.lines[step.ID]; taken {
		r.doc.Report(at, CodeDuplicateStep, "give this step an id of its own",
			"the step on line %d is called %q already", line, step.ID)
		return
	}
	r.lines[step.ID] = v.Line()
}
