package reply

import (
	"drumbeat/internal/outreach"
	"drumbeat/internal/pattern"
)

// The reasons why a mail did not arrive. Those of the recipient are hard, those
// of the sender block, all others may pass.
const (
	reasonUserUnknown   = "userunknown"
	reasonHostUnknown   = "hostunknown"
	reasonMoved         = "hasmoved"
	reasonNotAccepting  = "notaccept" // the domain takes no mail at all: RFC 7505
	reasonRejected      = "rejected"  // the sender's address
	reasonBlocked       = "blocked"   // the sender's server
	reasonAuth          = "authfailure"
	reasonPolicy        = "policyviolation"
	reasonPTR           = "requireptr"
	reasonSpam          = "spamdetected"
	reasonSecurity      = "securityerror"
	reasonRelay         = "norelaying"
	reasonReputation    = "badreputation"
	reasonSpeed         = "speeding"
	reasonFull          = "mailboxfull"
	reasonTooBig        = "mesgtoobig"
	reasonSuspended     = "suspend"
	reasonExpired       = "expired"
	reasonNetwork       = "networkerror"
	reasonTooMany       = "toomanyconn"
	reasonVirus         = "virusdetected"
	reasonContent       = "contenterror"
	reasonSystem        = "systemerror"
	reasonMailer        = "mailererror"
	reasonFiltered      = "filtered" // refused, perhaps unknown, but not when the address was named
	reasonOnHold        = "onhold"
	reasonDelivered     = "delivered" // a success report: nothing went wrong
	reasonUndefined     = "undefined"
	reasonFeedback      = "feedback"
	reasonNotCompliant  = "notcompliantrfc"
	reasonRecipientRule = "exceedlimit"
)

// labelOf says what a reason means for the lead and for us.
func labelOf(reason string) outreach.Label {
	switch reason {
	case reasonUserUnknown, reasonHostUnknown, reasonMoved, reasonNotAccepting:
		return outreach.LabelBounceHard
	case reasonRejected, reasonBlocked, reasonAuth, reasonPolicy, reasonPTR, reasonSpam,
		reasonSecurity, reasonRelay, reasonReputation, reasonSpeed:
		return outreach.LabelBounceBlock
	case reasonFeedback:
		return outreach.LabelComplaint
	}
	return outreach.LabelBounceSoft
}

// reasonRule finds a reason in the words of a diagnostic.
type reasonRule struct {
	reason  string
	pattern *pattern.Pattern
}

// reasonRules are tried in order: what speaks of one cause only comes before
// words that accompany many ("rejected", "not found").
var reasonRules = []reasonRule{
	{reasonUserUnknown, pattern.New(`^542 @ rejected`)}, // Symantec.cloud, of addresses it does not know
	{reasonOnHold, pattern.New(`gr[ea]y[ -]?list|temporarily rejected`)},
	{reasonFiltered, pattern.New(`recipient preferences|this user doesn'?t have an? \S+ account \(\S+\) \[-|rejected by (?:a|the) remote mail server`)},
	{reasonNotAccepting, pattern.New(`null mx|indicated no smtp service|does not accept (?:any )?(?:e-?)?mail|doesn'?t (?:receive|accept) (?:e-?)?mail|host does not accept mail|5\.1\.10`)},
	{reasonNotCompliant, pattern.New(`rfc ?\d{3,4} compliant|multiple (?:\d{3}.{0,8})?addresses in from|multiple (?:subject|from) |duplicate header`)},
	{reasonAuth, pattern.New(`dmarc|authentication information|fails? to pass|\bspf\b|\bdkim\b|sender policy framework|unauthenticated e-?mail|domain owner discourages|purported responsible|5\.7\.(?:2[0-4]|26|29|3\d|509)\b|does not pass .{0,20}(?:authentication|verification)`)},
	{reasonPTR, pattern.New(`\bptr\b|reverse[ -]?(?:dns|host|lookup|address|record|mapping|name)|\brdns\b|fcrdns|cannot find your (?:reverse )?host|(?:can'?t|cannot|could not|unable to) (?:resolve|find) (?:your )?(?:host ?name|domain|ip)|no reverse|invalid dns|5\.7\.25\b|(?:ip|client) (?:address )?(?:has no|without) (?:host)?name|dns (?:configuration|setup|record).{0,30}(?:your|sending)|client host rejected: cannot find|broken reverse|hostname lookup|mismatch\w* client`)},
	{reasonReputation, pattern.New(`reputation|senderscore|sender score|tss0[0-9]|user complaints|messages? from \S+ weren'?t sent|unwanted (?:messages?|e?-?mails?) (?:have been |were |was )?(?:sent|from)`)},
	{reasonSpeed, pattern.New(`at a rate|relay quota|(?:daily|hourly) .{0,20}(?:quota|limit)|rate[ -]?limit|too (?:fast|quickly|frequent)|throttl|exceeded .{0,20}rate|temporarily deferred due to unexpected volume|sending too much`)},
	{reasonVirus, pattern.New(`virus|malware|infected|trojan`)},
	{reasonTooMany, pattern.New(`too many (?:concurrent|connections?|recipients|sessions|messages|errors|smtp)|connection (?:frequency|rate)|too many .{0,20}connections|maximum (?:number of )?connections`)},
	{reasonSpam, pattern.New(`spam|\bub?ce?\b|\bube\b|\bjunk\b|unsolicited|bulk mail|message content (?:was )?rejected|content (?:was )?(?:rejected|denied)|looks like|phish|scored|mail rejet|listed in .{0,20}surbl|suspicious|undesirable|suspected`)},
	{reasonRejected, pattern.New(`sender.{0,40}(?:reject|denied|refus|invalid|does not|unroutable|unknown|not exist|blocked|verify|null)|(?:unroutable|invalid|unknown|bad|rejected|blocked) sender|domain of sender|from: .{0,20}(?:domain|address) is invalid|5\.1\.[78]\b|empty envelope`)},
	{reasonRelay, pattern.New(`relay(?:ing)?.{0,20}(?:denied|not|prohibited|access|refused|forbidden|disallowed)|(?:unable|not (?:allowed|permitted|configured)|denied|cannot|refused?|won'?t).{0,12}relay|we do not relay|relaying`)},
	{reasonFull, pattern.New(`(?:mailbox|mail ?box|inbox|account|folder|user|box|storage|disk|quota).{0,40}(?:\bfull\b|exceed|exhaust|over|limit)|(?:\bover|exceed\w*|out of|not enough|insufficient).{0,40}(?:quota|storage|disk|mailbox|allowed size|space)|quota|is full|5\.2\.2\b|4\.2\.2\b|voll|pleine|lleno|piena|переполнен`)},
	{reasonRecipientRule, pattern.New(`length exceeds|exceeds (?:the )?limit set by recipient|5\.2\.3\b`)},
	{reasonTooBig, pattern.New(`(?:message|mail|size|attachment|body).{0,40}(?:too (?:big|large|long)|exceed)|too (?:big|large)|5\.3\.4\b|maximum (?:message )?size`)},
	{reasonSuspended, pattern.New(`(?:account|user|mailbox|recipient|address|profile|box).{0,60}(?:disabled|suspend|inactive|b?locked|deactivat|discontinued|not active|\bclosed|terminated|frozen|expired|parked)|(?:disabled|suspended|inactive|deactivated|locked) (?:e-?mail |user )?(?:account|user|mailbox|recipient)|5\.2\.1 .{0,40}(?:disabled|inactive)|5\.7\.13\b|out of service|invalid/inactive`)},
	{reasonExpired, pattern.New(`(?:message|delivery|mail|queue|retry).{0,40}(?:expired|time ?d? ?out)|(?:expired|too long).{0,20}(?:queue|time)|delivery (?:time|temporarily)|(?:has|have) (?:been|not been|not yet been).{0,30}(?:delayed|deferred|in the queue|delivered)|not been delivered|could ?n[o']t be delivered (?:for|within|in)|(?:delivery|has been) (?:delayed|suspended)|(?:hours|days).{0,30}(?:old|retry|attempt|given up|undeliver|unable|retries)|(?:given|giving) up|4\.4\.7\b|5\.4\.7\b|in queue too long|max(?:imum)? (?:retr|time|age)|retry (?:time|limit|count)|deferred|over \d+ (?:hours|days)|for (?:more than )?\d+ (?:hours|days)|unable to deliver .{0,30}(?:hours|days)|will (?:keep|continue) (?:to )?try|connection timed out|timed out while|time ?out`)},
	{reasonHostUnknown, pattern.New(`host (?:unknown|not found|or domain name not found)|unknown (?:host|domain)|(?:domain|host|server)(?: name)?.{0,40}(?:not (?:found|exist|be found|reachable)|does ?n[o']t exist|unknown|invalid|can ?not be (?:found|resolved)|lookup failed)|(?:no such|invalid|bad|non-?existent|unrout?able) (?:domain|host)|nxdomain|(?:couldn'?t|cannot|could not|unable to) (?:find|resolve|locate).{0,40}(?:host|domain|exchanger|mx|server)|no (?:mx|a record|mail exchanger|address associated)|all relevant mx records point to non|recipient'?s? domain|name or service not known|5\.1\.2\b|illegal host|dns .{0,40}not found`)},
	{reasonNetwork, pattern.New(`hop count|duplicated message-id|too many hops|(?:mail|routing|delivery)[ -]?loop|loops back|loop detected|no route to host|lost connection|connection (?:refused|reset|dropped|closed|failed|was|lost|error)|(?:can'?t|cannot|could ?n[o']t|unable to|not|failed to) (?:able to )?(?:connect|establish|make).{0,20}(?:to|connection|an? smtp|tcp)|(?:name server|name service|dns|mx).{0,20}(?:error|malformed|problem|failure|lookup)|network (?:error|is unreachable|problem)|unreachable|4\.4\.[12]\b|5\.4\.6\b|host is down|remote (?:host|server) (?:is )?(?:down|not responding|unavailable)`)},
	{reasonMoved, pattern.New(`(?:has|have) moved|no longer on (?:this )?server|user has changed|5\.1\.6\b|address has changed|new address|please use .{0,40}instead|unzustellbar.{0,20}verzogen`)},
	{reasonMailer, pattern.New(`procmail|maildrop|mailer (?:error|said)|\bexit(?:ed)? (?:status|code)|returned? (?:error )?code|pipe (?:to|command)|command (?:died|failed|output)|local delivery failed|x-unix|couldn'?t create|service unavailable:|local mailer`)},
	{reasonUserUnknown, pattern.New(`(?:user|recipient|mailbox|account|address|addressee|local[ -]?part|name|alias|id|login|person|e-?mail|customer)s?\b.{0,30}(?:unknown|not (?:found|exist|known|listed|recogni[sz]ed|valid|here|a valid|present|in (?:our|the|my)|local|have an|available)|n[o']t (?:exist|recogni[sz]ed)|invalid|unavailable|is bad|can ?not be found|undeliverable|no longer)|(?:unknown|no such|invalid|bad|nonexistent|non-existent|illegal|unroutable|unrouteable|not (?:a )?(?:valid|known|existing)|no|wrong|undeliverable|unrecogni[sz]ed|inexistent|incorrect) .{0,12}(?:user|recipient|mailbox|account|address|addressee|person|alias|local[ -]?part|name|e-?mail|id\b|receiver|customer)|does ?n[o']t exist|recipnotfound|user ?unknown|5\.1\.[013]\b|not our customer|undeliverable address|no mailbox here|nobody (?:here )?(?:by|with) that|unknown to (?:address|this)|doesn'?t have a|not known|adressat unbekannt|empfänger.{0,30}(?:unbekannt|nicht)|destinataire (?:inconnu|inexistant)|inconnu|inexist|desconocid|no existe|sconosciuto|inesistente|não existe|неизвестн|не (?:найден|существует)|invalid .{0,20}userid`)},
	{reasonSecurity, pattern.New(`authenticat(?:ion|ed).{0,30}(?:required|needed|not|fail)|(?:requires?|turn on|need|use) .{0,20}auth|auth(?:entication)? ?required|unauthenticated|\btls\b|\bssl\b|insecure|encrypt|must (?:issue|login|authenticate)|restricted|not (?:authori[sz]ed|permitted|allowed) to (?:send|post|relay)|authorized senders`)},
	{reasonBlocked, pattern.New(`not accepting connections|black ?list|block ?list|block(?:ed|ing)?\b|\brbl\b|dnsbl|spamhaus|spamcop|sorbs|barracuda|\bbanned|access denied|(?:ip|client|host|address|connection|server).{0,60}(?:rejected|denied|refused|not (?:allowed|welcome|accepted)|listed|bad)|denied .{0,30}(?:ip|host)|your (?:ip|isp|host|server)|dynamic (?:ip|address)|smtp server of your isp|helo|ehlo|(?:mail|message)s? from .{0,60}(?:refused|rejected|denied|blocked|not accepted)|no access|service refus|go away|refused to talk|greylist|listed`)},
	{reasonPolicy, pattern.New(`polic|header error(?: [^(]|[^ ]|$)|5\.7\.9\b|protocol violation|prohibit|violat|not allowed by|administrat|compliance`)},
	{reasonRejected, pattern.New(`(?:sender|from|originator|mail from|return[ -]?path|envelope).{0,80}(?:reject|denied|refus|not (?:allowed|exist|accept|permitted|found)|invalid|verif|bad|unknown|illegal|does|restrict|null|blocked)|(?:reject|denied|refus|invalid|bad|blocked).{0,30}(?:sender|from|originator)|not (?:a )?member|permission|post(?:ing)? (?:messages )?to|only members|moderat|empty envelope|5\.1\.[78]\b|not a registered|rejected|refused|denied|グループ`)},
	{reasonContent, pattern.New(`8-?bit|header error \(|header.{0,20}(?:too|invalid|malformed|error)|malformed|(?:invalid|bad|illegal|missing|broken|not) mime|mime[ -](?:type|error|header|part|structure|boundary)|content|5\.6\.\d`)},
	{reasonOnHold, pattern.New(`recipient error|held|on hold|quarantine`)},
	{reasonSystem, pattern.New(`(?:system|internal|local|server|configuration|temporary|unexpected|resources?).{0,30}(?:error|failure|problem|unavailable|fail)|transaction failed|service (?:currently |temporarily )?(?:unavailable|not available)|try again|[45]\.3\.\d|insufficient system`)},
}

// statusReasons says what an enhanced status (RFC 3463) means by itself, where
// the words say nothing.
var statusReasons = map[string]string{
	"x.1.1": reasonUserUnknown, "x.1.0": reasonUserUnknown, "x.1.3": reasonUserUnknown, "x.1.2": reasonHostUnknown, "x.1.10": reasonNotAccepting,
	"x.1.6": reasonMoved, "x.1.7": reasonRejected, "x.1.8": reasonRejected, "x.2.0": reasonFiltered, "x.2.1": reasonSuspended, "x.2.2": reasonFull, "x.2.3": reasonRecipientRule,
	"x.3.0": reasonSystem, "x.3.4": reasonTooBig, "x.3.5": reasonSystem, "x.4.1": reasonNetwork, "x.4.2": reasonNetwork, "x.4.4": reasonHostUnknown,
	"x.4.6": reasonNetwork, "x.4.7": reasonExpired, "x.5.3": reasonTooMany, "x.7.0": reasonBlocked, "x.7.1": reasonBlocked, "x.7.9": reasonPolicy,
	"x.7.25": reasonPTR, "x.7.26": reasonAuth, "x.7.27": reasonNotAccepting,
}
