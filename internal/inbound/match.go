package inbound

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"drumbeat/internal/outreach"
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
	for i := len(s.answers) - 1; i >= 0; i-- { // the mail answered last stands last
		if ref := k.sent[s.answers[i]]; ref.LeadID != 0 {
			return proven(outreach.MatchReferences, ref, sender)
		}
	}
	for _, token := range s.tokens {
		if ref := k.tokens[token]; ref.LeadID != 0 {
			return proven(outreach.MatchToken, ref, sender)
		}
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

// proven is a match by something that only our mail contains. When another lead
// answered it, nothing goes to that one either.
func proven(method outreach.MatchMethod, ref outreach.SentRef, sender outreach.LeadID) outreach.Match {
	m := outreach.Match{Method: method, LeadID: ref.LeadID, EnrolmentID: ref.EnrolmentID, SendID: ref.SendID}
	if sender != 0 && sender != ref.LeadID {
		m.Others = []outreach.LeadID{sender}
	}
	return m
}

// colleague guesses which lead of a company a message is about: those who got a
// mail with that subject, else the one written to last.
func colleague(subject string, written []outreach.WrittenLead) outreach.Match {
	if len(written) == 0 {
		return outreach.Match{Method: outreach.MatchNone}
	}
	m := outreach.Match{Method: outreach.MatchColleague}
	topic := bareSubject(subject)
	for _, w := range written {
		switch {
		case topic == "" || bareSubject(w.Subject) != topic:
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

var replyPrefix = regexp.MustCompile(`(?i)^\s*(?:(?:re|aw|sv|vs|antw|fwd?|wg|rv|tr|rif|odp|ynt|ref|res)\s*(?:\[\d+\])?\s*[:：]|\[(?:external|extern|ext)\])\s*`)

// bareSubject is a subject without the prefixes of answers and gateways.
func bareSubject(s string) string {
	for {
		prefix := replyPrefix.FindString(s)
		if prefix == "" {
			return strings.ToLower(strings.Join(strings.Fields(s), " "))
		}
		s = s[len(prefix):]
	}
}
