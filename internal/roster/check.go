package roster

import (
	"slices"

	"drumbeat/internal/outreach"
	"drumbeat/internal/strictyaml"
)

// check holds what the parts of the file must be to each other.
func check(doc *strictyaml.Document, r *Roster) {
	mailboxes, reps := doc.Root.Get("mailboxes"), doc.Root.Get("reps")
	if mailboxes.Present() && doc.Root.Get("mailboxes").Items() == nil {
		doc.Report(mailboxes, CodeNoMailboxes, "add a mailbox", "there are no mailboxes")
	}
	checkUnique(doc, mailboxes, "id", CodeDuplicateMailbox)
	checkUnique(doc, mailboxes, "address", CodeDuplicateAddress)
	checkUnique(doc, reps, "id", CodeDuplicateRep)
	for i, v := range mailboxes.Items() {
		checkRep(doc, r, v, r.Mailboxes[i].Rep)
	}
	for i, v := range reps.Items() {
		if cover := r.Reps[i].Cover; cover != "" {
			checkRep(doc, r, v.Get("cover"), cover)
		}
	}
	if notify := doc.Root.Get("notify").Get("mailbox"); notify.Present() {
		if _, known := r.Mailbox(r.Notify); !known {
			doc.Report(notify, CodeUnknownMailbox, "name one of the mailboxes above", "there is no mailbox %q", r.Notify)
		}
	}
}

// checkUnique holds that no two items of a list have one value under a key.
func checkUnique(doc *strictyaml.Document, list *strictyaml.Value, key, code string) {
	lines := map[string]int{}
	for _, item := range list.Items() {
		v := item.Get(key)
		folded := outreach.AddressKey(v.Text())
		if line, taken := lines[folded]; taken && v.Present() {
			doc.Report(v, code, "write another "+key, "%q stands on line %d already", v.Text(), line)
			continue
		}
		lines[folded] = v.Line()
	}
}

// checkRep holds that a rep who is named is one of the reps; at is the name, or
// the mailbox that names none.
func checkRep(doc *strictyaml.Document, r *Roster, at *strictyaml.Value, id outreach.RepID) {
	if id == "" || slices.ContainsFunc(r.Reps, func(rep Rep) bool { return rep.ID == id }) {
		return
	}
	if named := at.Get("rep"); named.Present() {
		at = named
	}
	var names []string
	for _, rep := range r.Reps {
		names = append(names, string(rep.ID))
	}
	fix := "add the rep, or name one with rep:"
	if near := strictyaml.Nearest(string(id), names); near != "" {
		fix = "did you mean " + near + "?"
	}
	doc.Report(at, CodeUnknownRep, fix, "there is no rep %q", id)
}
