package inbound

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/reply"
)

// Ledger answers what a message may be about.
type Ledger interface {
	// SentByMessageID gives those of the Message-IDs that are ours.
	SentByMessageID(ctx context.Context, ids []string) ([]outreach.SentRef, error)
	// SentByToken gives the mails of tokens; the key of the map is the token.
	SentByToken(ctx context.Context, tokens []string) (map[string]outreach.SentRef, error)
	// LeadsByAddress gives those of the addresses that are leads.
	LeadsByAddress(ctx context.Context, keys []string) (map[string]outreach.LeadID, error)
	// WrittenLeads gives the leads of companies to whom the mailbox has written
	// since then, the last written to first.
	WrittenLeads(ctx context.Context, mailbox outreach.MailboxID, domains []string, since time.Time) ([]outreach.WrittenLead, error)
}

// colleagueWindow is how long after our last mail to a company a message of
// somebody else there may still be about it.
const colleagueWindow = 60 * 24 * time.Hour

// known is what the ledger knows about the messages of a page.
type known struct {
	sent    map[string]outreach.SentRef // by Message-ID
	tokens  map[string]outreach.SentRef
	leads   map[string]outreach.LeadID // by address key
	written map[string][]outreach.WrittenLead
}

// knownAbout asks the ledger about a whole page at once.
func knownAbout(ctx context.Context, ledger Ledger, mailbox outreach.MailboxID, page []sight, now time.Time) (known, error) {
	var ids, tokens, writers []string
	for _, s := range page {
		ids = append(append(ids, s.id), s.answers...)
		tokens = append(tokens, s.tokens...)
		writers = append(writers, s.writers...)
	}
	k := known{sent: make(map[string]outreach.SentRef), written: make(map[string][]outreach.WrittenLead)}
	sent, err := ledger.SentByMessageID(ctx, distinct(ids))
	if err != nil {
		return k, fmt.Errorf("look up message ids: %w", err)
	}
	for _, ref := range sent {
		k.sent[ref.RFCMessageID] = ref
	}
	if k.tokens, err = ledger.SentByToken(ctx, distinct(tokens)); err != nil {
		return k, fmt.Errorf("look up tokens: %w", err)
	}
	if k.leads, err = ledger.LeadsByAddress(ctx, distinct(writers)); err != nil {
		return k, fmt.Errorf("look up senders: %w", err)
	}
	written, err := ledger.WrittenLeads(ctx, mailbox, companies(page, k), now.Add(-colleagueWindow))
	if err != nil {
		return k, fmt.Errorf("look up companies: %w", err)
	}
	for _, w := range written {
		k.written[w.Domain] = append(k.written[w.Domain], w)
	}
	return k, nil
}

// companies lists the companies of senders who are matched by nothing better.
func companies(page []sight, k known) []string {
	var domains []string
	for _, s := range page {
		if !s.machine && k.match(s).Method == outreach.MatchNone {
			domains = append(domains, s.company)
		}
	}
	return distinct(domains)
}

// match goes down the ladder: what is answered, our token, the sender, the
// sender's company.
func (k known) match(s sight) outreach.Match {
	sender := k.sender(s)
	var refs, tokens []outreach.SentRef
	for _, id := range slices.Backward(s.answers) { // the mail answered last stands last
		refs = append(refs, k.sent[id])
	}
	for _, token := range s.tokens {
		tokens = append(tokens, k.tokens[token])
	}
	if m, ok := named(outreach.MatchReferences, refs, sender); ok {
		return m
	}
	if m, ok := named(outreach.MatchToken, tokens, sender); ok {
		return m
	}
	if sender != 0 {
		return outreach.Match{Method: outreach.MatchSender, LeadID: sender}
	}
	if s.company != "" && !s.machine { // a company's mail server is no colleague
		return colleague(s.subject, k.written[s.company])
	}
	return outreach.Match{Method: outreach.MatchNone}
}

func (k known) sender(s sight) outreach.LeadID {
	for _, key := range s.writers {
		if id := k.leads[key]; id != 0 {
			return id
		}
	}
	return 0
}

// named is the match by our mails that a message names, the nearest first; false
// when it names none. One that names mails to several leads speaks for the one who
// wrote it; when none of them did, nobody can know, and a person decides. Nothing
// goes to the others either.
func named(method outreach.MatchMethod, refs []outreach.SentRef, sender outreach.LeadID) (outreach.Match, bool) {
	var m outreach.Match
	others := []outreach.LeadID{sender}
	for _, ref := range refs {
		switch {
		case ref.LeadID == 0:
		case m.LeadID == 0, ref.LeadID == sender && m.LeadID != sender:
			others = append(others, m.LeadID)
			m = outreach.Match{Method: method, LeadID: ref.LeadID, EnrolmentID: ref.EnrolmentID, SendID: ref.SendID}
		default:
			others = append(others, ref.LeadID)
		}
	}
	slices.Sort(others)
	for _, other := range slices.Compact(others) {
		if other != 0 && other != m.LeadID {
			m.Others = append(m.Others, other)
		}
	}
	several := len(m.Others) > 1 || len(m.Others) == 1 && m.Others[0] != sender
	if several && m.LeadID != sender {
		m.Method, m.EnrolmentID, m.SendID = outreach.MatchAmbiguous, 0, 0
	}
	return m, m.LeadID != 0
}

// colleague guesses which lead of a company a message is about: those who got a
// mail with that subject, else the one written to last.
func colleague(subject string, written []outreach.WrittenLead) outreach.Match {
	if len(written) == 0 {
		return outreach.Match{Method: outreach.MatchNone}
	}
	m := outreach.Match{Method: outreach.MatchColleague}
	topic := topicOf(subject)
	for _, w := range written {
		switch {
		case topic == "" || topicOf(w.Subject) != topic:
		case m.LeadID == 0:
			m.LeadID = w.LeadID
		default:
			m.Others = append(m.Others, w.LeadID)
		}
	}
	if m.LeadID == 0 {
		m.LeadID = written[0].LeadID
	}
	return m
}

// topicOf is what two mails of one conversation have in common.
func topicOf(subject string) string {
	return strings.ToLower(strings.Join(strings.Fields(reply.BareSubject(subject)), " "))
}
