package mailworld

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"

	"drumbeat/internal/outreach"
)

// react carries out one reaction.
func (w *World) react(ctx context.Context, e event) error {
	switch e.reaction.Kind {
	case OneClick:
		return w.oneClick(ctx, e)
	case MailtoUnsub:
		return w.mailto(e)
	}
	l, err := e.letter()
	if err != nil {
		return err
	}
	return w.post(l, e.reaction.ToJunk)
}

// post delivers a letter at its own date.
func (w *World) post(l letter, junk bool) error {
	folder := "INBOX"
	if junk {
		folder = "Junk"
	}
	return w.DeliverTo(l.to.Address, folder, l.render(), l.at)
}

func (w *World) oneClick(ctx context.Context, e event) error {
	if w.options.Post == nil {
		return errors.New("no hook for one-click unsubscribes")
	}
	for _, way := range e.unsubscribeWays() {
		if strings.HasPrefix(way, "https://") || strings.HasPrefix(way, "http://") {
			return w.options.Post(ctx, way)
		}
	}
	return w.mailto(e) // what a mail program does when only the other form is there
}

// mailto writes the mail that a List-Unsubscribe of the form mailto: asks for
// (RFC 6068).
func (w *World) mailto(e event) error {
	for _, way := range e.unsubscribeWays() {
		target, err := url.Parse(way)
		if err != nil || target.Scheme != "mailto" {
			continue
		}
		address, err := url.PathUnescape(target.Opaque)
		if err != nil {
			return fmt.Errorf("the mailto of our mail: %w", err)
		}
		l := e.envelope(target.Query().Get("subject"))
		l.to = mail.Address{Address: address}
		l.parts = []part{textPart(target.Query().Get("body") + "\n")}
		return w.post(l, false)
	}
	return errors.New("our mail offers no way to unsubscribe")
}

// unsubscribeWays are the URIs of our mail's List-Unsubscribe (RFC 2369).
func (e event) unsubscribeWays() []string {
	var ways []string
	for way := range strings.SplitSeq(headerOf(e.original, "List-Unsubscribe"), ",") {
		ways = append(ways, strings.Trim(strings.TrimSpace(way), "<>"))
	}
	return ways
}

// letter writes the message of a reaction.
func (e event) letter() (letter, error) {
	switch e.reaction.Kind {
	case Human:
		return e.answer(), nil
	case OutOfOffice, AutoReply:
		return e.automatic(), nil
	case HardBounce, SoftBounce, BlockBounce:
		return e.bounce(), nil
	case Complaint:
		return e.complaint(), nil
	}
	return letter{}, fmt.Errorf("a reaction of unknown kind %q", e.reaction.Kind)
}

// envelope is a letter from the lead to whoever our mail wants answers sent to.
func (e event) envelope(subject string) letter {
	from := mail.Address{Name: e.name, Address: e.lead}
	if e.reaction.From != "" {
		from.Address = e.reaction.From
	}
	if e.reaction.FromName != "" {
		from.Name = e.reaction.FromName
	}
	id := shortHash(fmt.Sprintf("%s %d %s", e.mail.MessageID, e.number, e.lead))
	return letter{
		from: from, to: e.replyTo(), returnPath: from.Address, subject: subject, at: e.at,
		id: "<" + id + "@mail." + outreach.Domain(from.Address) + ">",
	}
}

// replyTo is the Reply-To of our mail, else its From (RFC 5322, section 3.6.2).
func (e event) replyTo() mail.Address {
	for _, name := range []string{"Reply-To", "From"} {
		if address, err := mail.ParseAddress(headerOf(e.original, name)); err == nil {
			return *address
		}
	}
	return mail.Address{Address: e.mail.From}
}

// thread are the headers that tie an answer to our mail (RFC 5322, section 3.6.4).
func (e event) thread() []field {
	references := strings.TrimSpace(headerOf(e.original, "References") + " " + e.mail.MessageID)
	return []field{
		{"In-Reply-To", e.mail.MessageID},
		{"References", strings.Join(strings.Fields(references), "\r\n\t")},
	}
}

// answer is what a person writes.
func (e event) answer() letter {
	r := e.reaction
	l := e.envelope(replySubject(e.mail.Subject, r))
	if !r.NoThread {
		l.extra = e.thread()
	}
	rep := e.sender()
	text, page := compose(e.words(), r.Style, r.Language, quoted{
		name: rep.Name, address: rep.Address, to: e.lead, subject: e.mail.Subject, text: textOf(e.original), at: e.mail.At,
	})
	page = "<html><head></head><body>" + page + "</body></html>\n"
	switch {
	case r.HTMLOnly:
		l.parts = []part{htmlPart(page)}
	case r.Style == NoQuote:
		l.parts = []part{textPart(text)}
	default:
		l.multipart, l.parts = "alternative", []part{textPart(text), htmlPart(page)}
	}
	return l
}

func replySubject(subject string, r Reaction) string {
	prefix := "Re: "
	if r.Style == Outlook {
		switch r.Language {
		case "de":
			prefix = "AW: "
		case "nl":
			prefix = "Antw: "
		case "it":
			prefix = "R: "
		}
	}
	for _, known := range []string{"re:", "aw:", "antw:", "r:"} {
		if strings.HasPrefix(strings.ToLower(subject), known) {
			return subject
		}
	}
	return prefix + subject
}

// automatic is a vacation notice or another answer of a machine (RFC 3834).
func (e event) automatic() letter {
	prefix := map[string]string{
		"de": "Automatische Antwort: ", "fr": "Réponse automatique : ", "es": "Respuesta automática: ",
		"nl": "Automatisch antwoord: ", "it": "Risposta automatica: ",
	}[e.reaction.Language]
	if prefix == "" {
		prefix = "Automatic reply: "
	}
	l := e.envelope(prefix + e.mail.Subject)
	l.returnPath = ""
	l.extra = append(e.thread(), field{"Auto-Submitted", "auto-replied"}, field{"X-Auto-Response-Suppress", "All"},
		field{"Precedence", "auto_reply"})
	l.parts = []part{textPart(e.words() + "\n")}
	return l
}

// sender is who our mail says it is from.
func (e event) sender() mail.Address {
	if address, err := mail.ParseAddress(headerOf(e.original, "From")); err == nil {
		return *address
	}
	return mail.Address{Address: e.mail.From}
}
