package roster

import (
	"cmp"
	"net"

	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
	"drumbeat/internal/strictyaml"
)

// Parse reads the file. The roster is nil when a diagnostic is an error.
func Parse(file string, src []byte) (*Roster, []strictyaml.Diagnostic) {
	r, diagnostics := Read(file, src)
	if strictyaml.HasErrors(diagnostics) {
		return nil, diagnostics
	}
	return r, diagnostics
}

// Read reads the file as far as it can be read: where it has faults, the roster lacks
// what did not fit. It is nil when the file does not tell who there is, because
// a rep or a mailbox of it has no id that could be read.
func Read(file string, src []byte) (*Roster, []strictyaml.Diagnostic) {
	doc := strictyaml.Parse(file, src, Schema())
	if doc.Root == nil {
		return nil, doc.Diagnostics()
	}
	r := &Roster{Sender: Sender{
		Company:       doc.Root.Get("sender").Get("company").Text(),
		PostalAddress: doc.Root.Get("sender").Get("postal_address").Text(),
	}}
	for _, v := range doc.Root.Get("reps").Items() {
		r.Reps = append(r.Reps, readRep(v))
	}
	for _, v := range doc.Root.Get("mailboxes").Items() {
		r.Mailboxes = append(r.Mailboxes, r.readMailbox(doc, v))
	}
	r.Notify = outreach.MailboxID(doc.Root.Get("notify").Get("mailbox").Text())
	if r.Notify == "" && len(r.Mailboxes) > 0 {
		r.Notify = r.Mailboxes[0].ID
	}
	check(doc, r)
	if !named(doc.Root.Get("reps")) || !named(doc.Root.Get("mailboxes")) {
		return nil, doc.Diagnostics()
	}
	return r, doc.Diagnostics()
}

// named tells whether everything in a list has an id.
func named(list *strictyaml.Value) bool {
	for _, v := range list.Items() {
		if !v.Get("id").Present() {
			return false
		}
	}
	return list.Complete()
}

func readRep(v *strictyaml.Value) Rep {
	var away []Leave
	for _, leave := range v.Get("away").Items() {
		away = append(away, strictyaml.Read[Leave](leave))
	}
	return Rep{
		Away:     away,
		ID:       outreach.RepID(v.Get("id").Text()),
		Name:     v.Get("name").Text(),
		Email:    v.Get("email").Text(),
		Timezone: strictyaml.Read[string](v.Get("timezone")),
		Digest:   strictyaml.ReadOr(v.Get("digest"), Digest{At: 8 * 60, Days: schedule.Workdays}),
		Cover:    outreach.RepID(v.Get("cover").Text()),
	}
}

func (r *Roster) readMailbox(doc *strictyaml.Document, v *strictyaml.Value) Mailbox {
	id := v.Get("id").Text()
	rep, _ := r.Rep(outreach.RepID(v.Get("rep").TextOr(id)))
	mailbox := Mailbox{
		ID:        outreach.MailboxID(id),
		Address:   v.Get("address").Text(),
		Name:      v.Get("name").TextOr(rep.Name),
		Rep:       outreach.RepID(v.Get("rep").TextOr(id)),
		Timezone:  cmp.Or(strictyaml.Read[string](v.Get("timezone")), rep.Timezone),
		SMTP:      readServer(doc, v.Get("smtp")),
		Cap:       readCap(doc, v.Get("cap")),
		SentCopy:  SentCopy(v.Get("sent_copy").TextOr(string(SentCopyAuto))),
		Signature: v.Get("signature").Text(),
	}
	if imap := v.Get("imap"); imap.Present() {
		server := readServer(doc, imap)
		server.Folders = imap.Get("folders").Texts()
		if len(server.Folders) == 0 {
			server.Folders = []string{"INBOX", "Junk"}
		}
		mailbox.IMAP = &server
	}
	return mailbox
}

func readServer(doc *strictyaml.Document, v *strictyaml.Value) Server {
	server := Server{
		Host:     v.Get("host").Text(),
		Port:     v.Get("port").Int(),
		User:     strictyaml.Read[Secret](v.Get("user")),
		Password: strictyaml.Read[Secret](v.Get("password")),
		TLS:      TLS(v.Get("tls").Text()),
	}
	if server.TLS == NoTLS && !loopback(server.Host) {
		doc.Report(v.Get("tls"), CodePlainPassword, "write starttls or tls", "an unencrypted connection is allowed to this machine alone")
	}
	if v.Present() && (v.Key("user") != nil) != (v.Key("password") != nil) {
		doc.Report(v, CodeHalfLogin, "give both or neither", "user and password belong together")
	}
	if password := v.Get("password"); password.Present() && len(server.Password.Names()) == 0 {
		doc.Warn(password, CodePasswordInFile, `write "${NAME}" and set NAME in the environment`, "the password stands in the file")
	}
	return server
}

// loopback tells whether a host is this machine. A name other than localhost may
// resolve to anything.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func readCap(doc *strictyaml.Document, v *strictyaml.Value) schedule.Cap {
	limit := schedule.Cap{PerDay: v.Get("per_day").IntOr(schedule.DefaultCap().PerDay)}
	ramp := v.Get("ramp")
	if !ramp.Present() {
		return limit
	}
	limit.Ramp = schedule.Ramp{Start: ramp.Get("start").Int(), AddPerDay: ramp.Get("add_per_day").Int()}
	switch {
	case limit.Ramp.Start > limit.PerDay:
		doc.Report(ramp.Get("start"), CodeRampBeyondCap, "start below per_day", "the ramp starts with %d and the cap is %d", limit.Ramp.Start, limit.PerDay)
	case ramp.Get("add_per_day").Present() && limit.Ramp.AddPerDay == 0 && limit.Ramp.Start < limit.PerDay:
		doc.Warn(ramp.Get("add_per_day"), CodeRampStandsStill, "", "the ramp never reaches the cap of %d", limit.PerDay)
	}
	return limit
}
