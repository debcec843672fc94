package reply

import (
	"strings"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/pattern"
)

var (
	// autoSubject are the subjects of absence notes and receipts, as the mail
	// programs of twenty languages and the people who set them up write them.
	autoSubject = pattern.New(`(?i)^\W{0,4}(?:(?:(?:auto(?:matic|mated|matische?|matisk[ae]?t?|matique|mática|matica|matyczna|matická)?[ :-]{0,2}(?:reply|response|responder|answer|antwort|antwoord|svar|réponse|resposta|respuesta|risposta|odpowiedź|odpověď|válasz|rücksendung|vastaus|yanıt|cevap|odpověd|atsakymas|vastus|atbilde)|auto ?reply|autoreply|auto ?responder|autosvar|autoresponse)\b|auto\s?:|` +
		`out[ -]of[ -](?:the[ -])?office|\booo\b|\boof\b|away from (?:my|the) (?:office|desk|email)|(?:on|currently on) (?:vacation|holiday|(?:annual|parental|maternity|paternity|sick|medical) leave|leave)|vacation (?:reply|notice|message|response)|absence (?:note|notice)|i am (?:away|out)|i'm (?:away|out)|on leave|` +
		`automatische (?:antwort|abwesenheit|e-?mail)|abwesenheits?(?:notiz|nachricht|meldung|assistent|mitteilung|agent)?|abwesend|ich bin (?:nicht im büro|im urlaub|abwesend)|nicht im büro|außer haus|urlaub(?:sbenachrichtigung|snotiz)?|eingangsbestätigung|` +
		`réponse automatique|message d'absence|absence du bureau|absent du bureau|absence|absent\(?e?\)?\b|en congés?|hors du bureau|accusé de réception|notification d'absence|` +
		`respuesta automática|fuera de (?:la )?oficina|ausencia|ausente|de vacaciones|acuse de recibo|` +
		`risposta automatica|fuori (?:sede|ufficio)|assenza|assente|in ferie|risposta non al computer|conferma di ricezione|` +
		`resposta automática|fora do escritório|ausência|ausente|de férias|em férias|` +
		`automatisch antwoord|afwezig(?:heid(?:sbericht|smelding)?)?|niet aanwezig|met vakantie|buiten kantoor|ontvangstbevestiging|` +
		`automatiskt svar|automatisk svar|frånvaro(?:meddelande)?|ej på plats|fravær(?:smelding|sbesked)?|ikke på kontoret|ikke til stede|på ferie|på semester|semester|` +
		`automaattinen vastaus|poissa(?:olo(?:viesti)?)?\b|lomalla|autom\. vastaus|` +
		`automatyczna odpowiedź|odpowiedź automatyczna|autoodpowiedź|nieobecn(?:ość|y|a)|poza biurem|na urlopie|urlop|` +
		`automatická odpověď|nepřítomnost|mimo kancelář|dovolená|automatická odpoveď|neprítomnosť|` +
		`automatikus válasz|házon kívül|szabadság|irodán kívül|răspuns automat|în afara biroului|concediu|` +
		`автоматический ответ|автоответ|автоматична відповідь|нет на месте|отсутств|в отпуске|відсутн|у відпустці|автоматичен отговор|извън офиса|` +
		`otomatik (?:yanıt|cevap)|ofis dışında|izinde|αυτόματη απάντηση|εκτός γραφείου|απουσία|automatski odgovor|samodejni odgovor|izvan ureda|odsoten|automatinis atsakymas|automaatvastus|automātiskā atbilde)(?:$|[^\p{L}])|` +
		`自動応答|自動返信|不在(?:通知|のお知らせ)?|不在にしております|自动回复|自動回覆|自動回復|外出|休假|자동 ?응답|부재중|자동 ?회신|מענה אוטומטי|رد تلقائي|خارج المكتب|trả lời tự động|balasan otomatis|ตอบกลับอัตโนมัติ|` +
		`(?:your|we(?: have|'ve)? received your) (?:request|message|enquiry|inquiry|ticket|email)\b.{0,40}(?:received|registered)|we(?: have|'ve)? (?:received|got) your|(?:vielen )?dank(?:e)? für (?:deine|ihre|eure) (?:nachricht|e-?mail|anfrage)|merci (?:pour|de) votre (?:message|e-?mail|courriel|demande)|gracias por (?:escribir|contactar|su mensaje|tu mensaje)|grazie per (?:averci|aver scritto|il (?:tuo|suo|vostro) messaggio)|recebemos (?:o )?seu|obrigad[oa] (?:por|pelo) (?:contact|seu contat|seu contact|contat)|bedankt voor (?:je|uw) (?:bericht|e-?mail)|tack för (?:ditt|din) (?:meddelande|mejl|mail|e-post)|tak for (?:din|dit) (?:besked|mail|henvendelse)|dziękujemy za (?:wiadomość|kontakt)|thank(?:s| you) for (?:contacting|your (?:message|email|enquiry|inquiry|request))|request received|ticket received|(?:new )?ticket (?:created|opened|#)|\[ticket|\[(?:case|request|sr|inc)[ #:-]?\w*\d|delivery receipt|read receipt|read:|gelesen:|lu\s?:|leído:|letto:|lido:|gelezen:|läst:|lest:|læst:)`)
	// machineSubject begins with words that nobody chooses for a sales mail.
	machineSubject = pattern.New(`(?i)^\W{0,4}(?:auto\p{L}{0,10}[ :-]{1,3}(?:reply|response|svar|antwor?[td]|antwoord)|auto ?reply|auto\s?:|out[ -]of[ -](?:the[ -])?office\s?[:;(-]|\w*abwesenheitsnotiz|(?:réponse|respuesta|risposta|resposta) autom|(?:automatická|автомат|otomatik|αυτόματη)|odpowiedź automat|auto(?:svar|odpowiedź|matyczna odpowiedź|maattinen vastaus|matikus válasz|matski odgovor|matinis atsakymas|maatvastus|mātiskā atbilde)|` +
		`samodejni odgovor|răspuns automat|afwezigheids(?:bericht|melding)|frånvaromeddelande|fravær(?:smelding|sbesked)|trả lời tự động|balasan otomatis|自動|自动|자동)`)
	// absentText are the first words of an absence note, for mail whose headers
	// were lost: two of them, or one under an automatic subject.
	absentText = pattern.New(`(?i)(?:this is an auto(?:mated|matic|matically generated)|(?:automated|automatic|auto-?generated) (?:reply|response|message|e-?mail|notification|acknowledg)|do not reply to this (?:message|e-?mail|mail)|please do not reply|this (?:mailbox|inbox|address|e-?mail address) is (?:not|no longer) (?:monitored|in use|active|read)|(?:is|are) an? (?:unmonitored|unattended) (?:mailbox|inbox)|` +
		`this is a system[- ]generated|dies ist eine automati(?:sche|sch)|diese (?:e-?mail|nachricht) wurde automatisch|automatisch (?:generiert|erzeugt|erstellt|versandt)|bitte antworten sie nicht auf|ceci est un(?:e)? (?:message|réponse|mail) automatique|message (?:généré|envoyé) automatiquement|ne pas répondre à ce|este es un mensaje automático|mensaje (?:generado )?automático|no responda a este|questo è un messaggio automatico|messaggio (?:generato )?automatic|non rispondere a questa|esta é uma (?:mensagem|resposta) automática|mensagem automática|não responda a est|dit is een automatisch|automatisch gegenereerd|niet (?:te )?beantwoorden|detta är ett automati|dette er (?:en|et) automati|to jest (?:wiadomość|automatyczna)|wiadomość (?:wygenerowana )?automatyczn|prosimy nie odpowiadać|это автоматическ|автоматически|bu (?:otomatik|mesaj otomatik)|自動送信|自動返信|自动)`)
	noReplySender = pattern.New(`(?i)^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|noreply|autoreply|auto[-_.]?response|autoresponder|vacation|automailer|notifications?|ticket(?:s|ing)?[-_.]?(?:system|noreply)?)[^@]*@`)
	challengeText = pattern.New(`(?i)(?:(?:click|follow|visit|use).{0,60}(?:link|below|here).{0,80}(?:verify|confirm|prove|deliver|release|approve)|(?:verify|confirm|prove) (?:that )?you(?:'re| are| r)? (?:a )?(?:real )?(?:human|person|sender)|(?:verify|confirm|authenticate|validate) your (?:e-?mail|address|identity|message)|challenge[-/ ]response|spam ?arrest|boxtrapper|one[- ]time (?:verification|confirmation)|sender verification|your (?:message|e-?mail) (?:is|has been) (?:being )?(?:held|quarantined)|captcha|i(?:'m| am) (?:protected|using) .{0,40}(?:spam|filter)|bestätigen sie.{0,60}(?:absender|mensch)|klicken sie .{0,60}(?:zuzustellen|zustellen|bestätigen)|confirmez .{0,60}(?:expéditeur|humain)|potwierdź|подтвердите)`)
	// answerPrefix is the beginning of a subject that answers ours.
	answerPrefix = pattern.New(`(?i)^\s{0,3}(?:re|aw|sv|antw|odp|ynt|vs|rv|rif|ref|vá|回复|答复|回覆|返信)\s?(?:\[\d+\])?\s?[:：]`)
	criteriaEnd  = pattern.New(`(?i)"?endDate"?\s?[:=]\s?"?(\d{4}-\d{2}-\d{2}|\d{9,13}(?:\.\d+)?)`)
)

// evidence is a sign of a machine and what it weighs; three points decide.
type evidence struct {
	points int
	rule   string
}

// automatic tells whether a machine wrote the mail: by its headers, its
// subject, its sender and its first words. Headers that a gateway adds to
// everything ("Precedence: bulk") decide nothing about an answer.
func (m *Message) automatic() bool {
	points := 0
	var rules []string
	for _, e := range m.signsOfMachine() {
		points += e.points
		rules = append(rules, "automatic: "+e.rule)
	}
	if points > 0 && points < 3 && absentText.MatchString(m.head()) {
		points += 2
		rules = append(rules, "automatic: wording")
	}
	if m.Challenge {
		points += 3
		rules = append(rules, "automatic: challenge to the sender")
	}
	m.KindRules = append(m.KindRules, rules...)
	if points < machineEnough {
		m.machinePoints = points
		return false
	}
	m.isAutomatic()
	return true
}

func (m *Message) isAutomatic() {
	m.Kind = outreach.KindAutomatic
	m.ReturnOn = headerReturn(m.Header)
}

const (
	machineEnough = 3                // points that decide
	noPersonSoon  = 20 * time.Second // nobody reads and answers a mail in less
)

// AnsweredAfter adds what the time tells, which only the sender of the mail that
// is answered knows: an answer within seconds is little evidence, but it decides
// where others stand beside it.
func (m *Message) AnsweredAfter(pause time.Duration) {
	if m.Kind != outreach.KindHuman || m.machinePoints == 0 || m.machinePoints+1 < machineEnough || pause.Abs() > noPersonSoon {
		return
	}
	m.isAutomatic()
	m.KindRules = append(m.KindRules, "automatic: answered within seconds")
}

func (m *Message) signsOfMachine() []evidence {
	out := m.headerEvidence()
	if m.clicked() {
		return nil // a person pressed a button: the words are theirs
	}
	if points := m.subjectPoints(); points > 0 {
		out = append(out, evidence{points, "subject"})
	}
	if noReplySender.MatchString(m.From.Email) {
		out = append(out, evidence{2, "sender takes no replies"})
	}
	return out
}

// subjectPoints weighs the subject. In an answer ("Re: Absence tracking") it is
// ours, so there it takes words that only a machine writes.
func (m *Message) subjectPoints() int {
	switch {
	case !autoSubject.MatchString(m.SubjectBare):
		return 0
	case answerPrefix.MatchString(m.Subject) && !machineSubject.MatchString(m.SubjectBare):
		return 1
	}
	return 3
}

// head is as much of the new text as tells a machine's from a person's.
func (m *Message) head() string { return m.Text[:min(len(m.Text), 3000)] }

// headerEvidence reads the headers of RFC 3834 and of those who came before.
func (m *Message) headerEvidence() []evidence {
	var out []evidence
	add := func(points int, name string) {
		line := name + ": " + m.Header.Get(name)
		m.Automatic = append(m.Automatic, line)
		out = append(out, evidence{points, line})
	}
	if v := strings.ToLower(firstWord(m.Header.Get("Auto-Submitted"))); v != "" && v != "no" {
		add(3, "Auto-Submitted")
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Autoreply-From", "X-Mail-Autoreply", "X-Apple-Action", "X-Ms-Exchange-Inbox-Rules-Loop", "X-Vacation", "Auto-Response"} {
		if v := m.Header.Get(name); v != "" && !strings.EqualFold(v, "no") {
			add(3, name)
		}
	}
	switch strings.ToLower(m.Header.Get("Precedence")) {
	case "auto_reply", "auto-reply":
		add(3, "Precedence")
	case "bulk", "junk", "list":
		add(m.weakUnlessAnswer(), "Precedence")
	}
	if v := strings.ToLower(m.Header.Get("X-Auto-Response-Suppress")); v != "" && v != "none" {
		add(m.weakUnlessAnswer(), "X-Auto-Response-Suppress")
	}
	if m.Header.Has("X-Loop") || m.Header.Has("X-Autogenerated") {
		add(1, "X-Loop")
	}
	if contentType := strings.ToLower(m.Header.Get("Content-Type")); strings.Contains(contentType, "disposition-notification") {
		add(3, "Content-Type")
	}
	return out
}

// weakUnlessAnswer weighs a header that people's mail also carries: little, and
// nothing when the mail answers one of ours.
func (m *Message) weakUnlessAnswer() int {
	if len(m.References) > 0 || answerPrefix.MatchString(m.Subject) {
		return 0
	}
	return 2
}

// clicked tells whether a mail program wrote the mail because a person pressed
// a button: an answer to an invitation, an unsubscribe request.
func (m *Message) clicked() bool {
	contentType := strings.ToLower(m.Header.Get("Content-Type"))
	return strings.Contains(contentType, "text/calendar") || m.Header.Has("X-Apple-Unsubscribe") ||
		strings.Contains(strings.ToLower(m.Header.Get("Content-Class")), "calendarmessage") ||
		strings.EqualFold(strings.TrimSpace(m.SubjectBare), "unsubscribe")
}

// challenge tells whether a filter wants the sender to prove themselves. We
// never do.
func (m *Message) challenge() bool {
	if m.Header.Has("X-Boxtrapper") || m.Header.Has("X-Spamarrest-Noauth") || m.Header.Has("X-Challenge") {
		return true
	}
	if !strings.Contains(m.Text, "http") && !noReplySender.MatchString(m.From.Email) {
		return false
	}
	return !answerPrefix.MatchString(m.Subject) && challengeText.MatchString(m.Subject+"\n"+m.head())
}

// headerReturn is the first day back that a header gives: Apple Mail Server's
// X-Apple-Criteria holds the end of the absence.
func headerReturn(h Header) *outreach.Day {
	match := criteriaEnd.FindStringSubmatch(h.Get("X-Apple-Criteria"))
	if match == nil {
		return nil
	}
	if day, err := outreach.ParseDay(match[1]); err == nil {
		return &day
	}
	day := outreach.DayOf(unixTime(match[1]))
	return &day
}

// unixTime reads seconds, or milliseconds, since 1970.
func unixTime(digits string) time.Time {
	digits, _, _ = strings.Cut(digits, ".")
	var n int64
	for _, d := range digits {
		n = n*10 + int64(d-'0')
	}
	if len(digits) > 11 {
		n /= 1000
	}
	return time.Unix(n, 0).UTC()
}
