package inbound

import (
	"strings"

	"drumbeat/internal/address"
	"drumbeat/internal/outreach"
)

// sight is what the header alone tells about a message.
type sight struct {
	mail    outreach.MailHeader
	header  header
	from    outreach.Address
	sender  string   // the From address as a key
	writers []string // keys of all addresses that claim to have written it
	answers []string // Message-IDs that it answers
	tokens  []string // our tokens in header fields
	company string   // registrable domain of the sender; empty for free mail
	machine bool     // a report or an automatic answer: what it is about stands in its body
	subject string
	id      string
}

// look reads a header block. tokens finds our tokens in a text.
func look(mail outreach.MailHeader, tokens func(string) []string) sight {
	h := parseHeader(mail.Raw)
	from := h.address("From")
	s := sight{
		mail: mail, header: h, from: from, sender: outreach.AddressKey(from.Email),
		answers: h.thread(), company: company(from.Email), machine: machine(h, from.Email),
		subject: h.text("Subject"), id: storable(messageID.FindString(h.get("Message-Id")), maxLine),
	}
	s.writers = distinct([]string{s.sender, outreach.AddressKey(h.address("Reply-To").Email)})
	s.tokens = tokens(strings.Join([]string{s.subject, h.all("References"), h.all("In-Reply-To"), h.all("To")}, " "))
	return s
}

// company is the registrable domain of an address, empty when it says nothing
// about a company.
func company(email string) string { return address.Company(email) }

// machine tells reports (RFC 3464, RFC 5965) and automatic answers (RFC 3834)
// by their header. It only decides that the body is looked at, so it may be
// wrong in favour of looking.
func machine(h header, from string) bool {
	contentType := strings.ToLower(h.get("Content-Type"))
	auto := strings.ToLower(h.get("Auto-Submitted"))
	local, _, _ := strings.Cut(outreach.AddressKey(from), "@")
	switch {
	case strings.HasPrefix(contentType, "multipart/report"),
		strings.HasPrefix(contentType, "message/delivery-status"),
		strings.HasPrefix(contentType, "message/feedback-report"):
		return true
	case auto != "" && !strings.HasPrefix(auto, "no"):
		return true
	case local == "mailer-daemon" || local == "postmaster" || local == "":
		return true
	case h.get("Return-Path") == "<>", h.get("X-Failed-Recipients") != "":
		return true
	case h.get("X-Autoreply") != "", h.get("X-Autorespond") != "", h.get("X-Autoresponder") != "":
		return true
	case strings.EqualFold(h.get("Precedence"), "auto_reply"), strings.EqualFold(h.get("X-Apple-Action"), "VACATION"):
		return true
	}
	return false
}
