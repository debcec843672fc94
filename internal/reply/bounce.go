package reply

import (
	"encoding/json"
	"strings"

	"drumbeat/internal/outreach"
	"drumbeat/internal/pattern"
)

var (
	daemonSender  = pattern.New(`(?i)mailer-?daemon|post_?master|mail ?delivery|delivery ?(?:subsystem|system|service|status)|mail ?deliver|mdaemon|mail-?administrator|ndr administrator|bounce|\bmta@|system administrator|microsoftexchange|mailsystem|mail system`)
	robotSender   = pattern.New(`(?i)no-?reply|do-?not-?reply|daemon|admin|sysadmin|notification|bounce|system|\bmajordomo|listserv|owner-|-request|-admin`)
	bounceSubject = pattern.New(`(?i)^\W{0,5}(?:\[[^\]]{1,20}\]\s?)?(?:undeliver|undelivered|mail delivery (?:fail|status|problem|warning)|delivery (?:status|failure|fail|notification|report|delayed|problem|has failed|error)|returned mail|mail returned|return(?:ed|ing) to sender|failure notice|delivery unsuccessful|message (?:delivery|undeliverable|could not|not delivered|status)|non[- ]?deliver|nondeliverable|mail (?:system )?error|could not (?:send|deliver)|warning: (?:could not|message)|problem delivering|rejected(?: mail|:)|unzustellbar|zustellung|nicht zustellbar|unzustellbare|échec|non remis|non remise|notification d'état de remise|message non distribu|no se puede entregar|no entregado|error de entrega|mensaje no entregado|mancata consegna|non recapitabile|impossibile recapitare|impossibile consegnare|não entregue|falha na entrega|não é possível entregar|onbestelbaar|niet bezorgd|kan inte levereras|olevererbart|leveransfel|ikke leveret|kan ikke leveres|uleverelig|niedostarczon|nie można dostarczyć|zwrot|недостав|не доставлено|ваше сообщение не|teslim edilemedi|iletilemedi|nedoručiteln|kézbesíthetetlen|kézbesítési|nelivrat|toimitus|配信不能|配信できません|送信できません|エラーメール|退信|未送达|반송|postfix smtp server: errors|loop alert|.{0,30}you .{1,60} are not member)`)
	bouncePhrase  = pattern.New(`(?i)(?:could|can|was|were|is|has|have|did|unable|failed|failure|error|problem)\s?(?:not|n't|to|been|in)?.{0,60}(?:be delivered|been delivered|deliver(?:ed|y|ing)?\b|reach(?:ed)? the following)|undeliverable|duplicated message-id|error message below|invalid user address|delivery to the following|not delivered to|following (?:recipient|address)(?:es|s|\(s\)|\(es\))?|delivery (?:failed|failure|status notification|has failed|of the)|permanent error|bounced? (?:back|message)|returned to sender|no valid recipients|rejected by (?:a|the) (?:remote )?(?:mail )?server|not a member of this mailing list|mailbox (?:is full|exceeds)|transcript of session|this is the (?:mailer-daemon|mail system|qmail-send)|konnte nicht zugestellt|nicht zugestellt werden|n'a pas pu être|n'a pu être|no se ha podido entregar|no pudo (?:ser )?entrega|non è stato possibile|impossibile (?:recapitare|consegnare)|não (?:pôde|foi possível) (?:ser )?entreg|kon niet worden|niet worden bezorgd|kunde inte levereras|kunne ikke leveres|nie mogła zostać|не может быть доставлено|не удалось доставить|не было доставлено|配信できません|送信できません|届けることができません`)
)

// bounce tells whether a mail reports that another was not delivered, by which
// rules, and what it reports.
func (m *Message) bounce(mime envelope, body string) bool {
	own, original := diagnosticText(body)
	reports := structuredReports(mime)
	rules := m.bounceRules(mime, own, original, len(reports) > 0)
	if len(rules) == 0 {
		return false
	}
	m.Kind = outreach.KindBounce
	m.KindRules = append(m.KindRules, rules...)
	m.Recipients = judgeAll(m.mergeReports(reports, own, mime))
	if len(m.Recipients) == 1 && m.Recipients[0].Reason == reasonUndefined {
		m.judgeOriginal(original)
	}
	m.InnerMessageIDs = messageIDs(append(innerIDs(mime), bodyIDs(original)...)...)
	return true
}

// judgeOriginal looks for the cause in what hangs below: some servers answer
// with another server's bounce.
func (m *Message) judgeOriginal(original string) {
	for _, reply := range replies(strings.ToLower(original)) {
		reply = strings.Join(strings.Fields(reply[:min(len(reply), 300)]), " ")
		if reason := matchReason(reply); reason != "" && labelOf(reason) != outreach.LabelBounceHard {
			r := &m.Recipients[0]
			r.Reason, r.Label, r.Code, r.Status = reason, labelOf(reason), bestCode(reply), bestStatus(r.Status, reply)
			return
		}
	}
}

// bounceRules gathers the evidence. A report part or X-Failed-Recipients
// decides alone; of words it takes several, since people forward bounces and
// talk about them.
func (m *Message) bounceRules(mime envelope, own, original string, reported bool) []string {
	var rules []string
	score := 0
	add := func(points int, rule string) {
		score += points
		rules = append(rules, "bounce: "+rule)
	}
	if reported {
		add(3, "delivery report (RFC 3464)")
	}
	if m.Header.Has("X-Failed-Recipients") {
		add(3, "X-Failed-Recipients")
	}
	sender := m.From.Name + " " + m.From.Email + " " + m.Header.Get("From")
	switch {
	case daemonSender.MatchString(sender):
		add(2, "sender is a mail daemon")
	case robotSender.MatchString(sender):
		add(1, "sender is a robot")
	}
	if bounceSubject.MatchString(m.Subject) {
		add(2, "subject")
	}
	if score > 0 && bouncePhrase.MatchString(own[:min(len(own), 6000)]) {
		add(2, "wording")
	}
	if strings.TrimSpace(m.Header.Get("Return-Path")) == "<>" {
		add(1, "null return path (RFC 5321, section 6.1)")
	}
	if original != "" || mime.has("message/rfc822") || mime.has("text/rfc822-headers") {
		add(1, "original enclosed")
	}
	if score < 3 {
		return nil
	}
	return rules
}

// structuredReports are those of report parts and of mail services' JSON.
func structuredReports(mime envelope) []report {
	var out []report
	for _, p := range mime.leaves {
		if len(out) >= maxReports {
			break // a mail may have hundreds of such parts
		}
		switch p.mediaType {
		case "message/delivery-status", "message/global-delivery-status":
			out = append(out, dsnReports(p.text())...)
		case "text/plain", "application/json":
			out = append(out, jsonReports(p)...)
		}
	}
	if len(out) == 0 {
		out = enclosedReports(mime)
	}
	return out[:min(len(out), maxReports)]
}

// enclosedReports are those of a bounce that a gateway wrapped in another.
func enclosedReports(mime envelope) []report {
	var out []report
	for _, p := range mime.leaves {
		if p.mediaType != "message/rfc822" || len(p.content) > maxProse || !strings.Contains(p.text(), "delivery-status") {
			continue
		}
		prepared, _ := prepare([]byte(p.text()))
		for _, inner := range readMIME(prepared).leaves {
			if inner.mediaType == "message/delivery-status" {
				out = append(out, dsnReports(inner.text())...)
			}
		}
	}
	return out
}

// jsonReports reads the notice that Amazon SES sends through SNS.
func jsonReports(p *part) []report {
	content := strings.ReplaceAll(strings.TrimSpace(p.text()), "\n", "")
	if !strings.HasPrefix(content, "{") || len(content) > 1<<20 {
		return nil
	}
	var wrapped struct{ Message string }
	if json.NewDecoder(strings.NewReader(content)).Decode(&wrapped) == nil && wrapped.Message != "" {
		content = wrapped.Message
	}
	var notice struct {
		NotificationType string
		Bounce           struct {
			BouncedRecipients []struct{ EmailAddress, Action, Status, DiagnosticCode string }
		}
		Delivery struct {
			Recipients   []string
			SMTPResponse string
		}
	}
	if json.NewDecoder(strings.NewReader(content)).Decode(&notice) != nil {
		return nil
	}
	var out []report
	for _, r := range notice.Bounce.BouncedRecipients {
		out = append(out, report{address: r.EmailAddress, action: r.Action, status: r.Status, text: r.DiagnosticCode})
	}
	for _, address := range notice.Delivery.Recipients {
		out = append(out, report{address: address, action: "delivered", status: "2.0.0", text: notice.Delivery.SMTPResponse})
	}
	return out
}

// mergeReports completes the structured reports by the words of the text, and
// takes the text alone where there is no structure.
func (m *Message) mergeReports(reports []report, own string, mime envelope) []report {
	prose := proseReports(own)
	if len(reports) == 0 {
		if len(prose) == 0 {
			prose = []report{{address: m.failedRecipient(mime), text: own}}
		}
		return withContext(prose, own)
	}
	reports = withContext(reports, own)
	for i := range reports {
		if reports[i].judge().Reason == reasonUndefined || reports[i].text == "" {
			reports[i].text += "\n" + proseFor(prose, reports[i].address, own)
		}
	}
	return reports
}

// withContext gives every report the letter around it and its share of what may
// be read.
func withContext(reports []report, own string) []report {
	whole := newLetter(own)
	for i := range reports {
		reports[i].letter = whole
		reports[i].sole = len(reports) == 1
		reports[i].limit = diagnosticShare(len(reports))
	}
	return reports
}

// proseFor is what the text says about an address, else all it says.
func proseFor(prose []report, address, own string) string {
	for _, p := range prose {
		if strings.EqualFold(p.address, address) {
			return p.text
		}
	}
	return own
}

// failedRecipient is the address of a bounce that names none in its text.
func (m *Message) failedRecipient(mime envelope) string {
	if address := addressPattern.FindString(m.Header.Get("X-Failed-Recipients")); address != "" {
		return address
	}
	for _, inner := range originalHeaders(mime) {
		if to := addresses(inner, "To"); len(to) == 1 {
			return to[0].Email
		}
	}
	return ""
}

func judgeAll(reports []report) []Recipient {
	out := make([]Recipient, 0, len(reports))
	for _, r := range reports {
		out = append(out, r.judge())
	}
	return out
}
