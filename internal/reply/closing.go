package reply

import (
	"strings"

	"drumbeat/internal/pattern"
)

// closingFormula is a complimentary close on a line of its own.
var closingFormula = pattern.New(`(?i)^[\s*_–—-]{0,3}(?:` +
	`(?:with |my |and |thanks and |thanks & |thank you and |many thanks and )?(?:(?:very |kind|kindest|best|warm|warmest|many|warmly|sincere)\s?){0,2}(?:regards|rgds|wishes)(?: to you(?: all)?)?|` +
	`best|all the best|all best|cheers|thanks|thank you|many thanks|thanks again|thanks so much|thank you very much|thx|ta|ta very much|sincerely|yours(?: sincerely| faithfully| truly| ever)?|sincerely yours|faithfully|respectfully(?: yours)?|cordially|warmly|kindly|take care|god bless|br|kr|brgds|` +
	`have a (?:nice|good|great|lovely) (?:day|week|weekend|one|evening)|(?:talk|speak) soon|greetings(?: from .{1,30})?|love|xx?|xoxo|hugs|with (?:gratitude|thanks|appreciation|love)|have a blessed day|` +
	`(?:mit |viele |vielen |und )?(?:(?:ganz |sehr )?(?:freundlich|lieb|best|herzlich|schön|sonnig|kollegial|nett)\p{L}{0,3} )?(?:und (?:freundlich|lieb|best|herzlich)\p{L}{0,3} )?(?:grü(?:ß|ss)en?|grüße|grüsse|gru(?:ß|ss)|gruessen?)(?: (?:aus|nach|vom|von|in|an) .{1,40})?|mfg|lg|vg|bg|hg|hochachtungsvoll|herzlich(?:st)?|bussi(?: aus .{1,20})?|pfiat (?:di|euch)|servus|tschüss|ciao|(?:viele|vielen|besten|herzlichen) dank|danke|bis dann|` +
	`(?:bien |très )?cordialement|cordialement vôtre|bien à (?:vous|toi)|(?:bonne|belle|excellente) (?:journée|soirée|fin de journée|semaine|continuation|réception)(?: à vous)?|(?:sincères|meilleures|cordiales|mes|respectueuses) salutations.{0,20}|salutations(?: distinguées)?|amicalement|sincèrement|respectueusement|cdt|cdlt|bàv|à bientôt|(?:veuillez|je vous prie d|nous vous prions d).{0,100}|merci(?: d'avance| beaucoup)?|` +
	`(?:un |recib[ae] un |reciban un )?(?:(?:cordial|afectuoso|fuerte) )?(?:saludo|saludos|abrazo|abrazos)(?: (?:cordial|cordiales|afectuosos?))?|atentamente|atte|muchas gracias|gracias(?: y (?:un )?saludos?)?|cordialmente|` +
	`(?:i (?:miei |più )?)?(?:(?:cordiali|distinti|migliori|tanti) )?saluti|(?:un )?(?:cordiale )?saluto|cordialità|grazie(?: mille)?|a presto|buona (?:giornata|serata)|buon lavoro|` +
	`(?:com (?:os )?)?(?:(?:melhores|meus|cordiais|os meus) )?cumprimentos|cumps|atenciosamente|att|atte|(?:um )?(?:grande )?abraços?|obrigad[oa]|muito obrigad[oa]|grat[oa]|saudações|abs|abçs?|` +
	`(?:met (?:een )?)?(?:(?:vriendelijke?|hartelijke?|beste|zonnige|warme) )?(?:groet|groeten|groetjes|groetend)|mvg|vr\.? ?gr|gr|hoogachtend|bedankt|dank(?: u| je)?(?: wel)?|` +
	`(?:med |de )?(?:(?:venlig|vennlig|vänlig|bästa|beste|bedste|hjertelig|varm|kærlig|god|mange)\p{L}{0,4} )?(?:hilsen|hilsener|hilsner|hälsning|hälsningar)|mvh|vh|bvh|tack|takk|tak|(?:på forhånd )?tak|` +
	`(?:ystävällisin |parhain |terveisin )?terveisin|yst\.? ?terv\.?|terv|kiitos|` +
	`(?:z )?(?:poważaniem|wyrazami szacunku|pozdrowieniami|góry dziękuję)|(?:serdecznie )?pozdrawiam(?: serdecznie)?|pozdrowienia|dziękuję|pzdr|` +
	`(?:s )?(?:(?:přátelským |srdečným )?pozdravem|úctou|pozdravom|pozdravy)|hezký den|děkuji|zdravím|ďakujem|` +
	`(?:szívélyes |baráti )?üdvözlettel|üdv|tisztelettel|köszönettel|cu (?:stimă|respect|drag|considerație)|mulțumesc|o zi bună|` +
	`(?:en iyi )?saygılar(?:ımla|ımızla)?|iyi (?:çalışmalar|günler)(?: dilerim)?|selamlar|sevgiler|teşekkürler|` +
	`с уважением|с наилучшими пожеланиями|всего доброго|спасибо|з повагою|з найкращими побажаннями|дякую|с уважение|поздрави|` +
	`με εκτίμηση|φιλικά|ευχαριστώ|(?:srdačan |lijep |lep )?pozdrav|s (?:poštovanjem|spoštovanjem)|lp|hvala|pagarbiai|lugupidamisega|ar cieņu|敬具|此致|谢谢|謝謝|祝好|감사합니다|드림` +
	`)[\s,.;!:–—-]{0,4}[)(:]{0,2}\s*$`)

// greetingWord is the noun that closings are built around: "Mit hanseatischem
// Gruß", "Con un saludo muy especial".
var greetingWord = pattern.New(`(?i)(?:^|[\s/])(?:regards|wishes|gru(?:ß|ss)|gr(?:ü|ue)(?:ß|ss)en?|hochachtung|salutations|remerciements|saludos?|saluti|cumprimentos|groet|groeten|groetjes|hilsen|hilsner|hälsning|hälsningar|pozdrowieniami|szacunku|pozdravem|pozdrav)(?:$|[\s,.!])`)

// teamName is a signature of nobody in particular.
var teamName = pattern.New(`(?i)^(?:love, )?(?:the|your|ihr|euer|dein|das|votre|l'équipe|el equipo|tu equipo|il team|a equipa|het|jouw) .{1,40}[\s-]?(?:team|équipe|equipo)$|^(?:l'équipe|el equipo|a equipe|zespół) .{2,40}$|^(?:for and on behalf of|i\. ?a\.|im auftrag|p\.p\.|p/o) ?.{0,40}$`)

// closing tells whether a line is a complimentary close: a formula, two of them
// in two languages, or a few words built around a greeting.
func closing(line string) bool {
	line = strings.TrimSpace(line)
	if !short(line) || line == "" {
		return false
	}
	if closingFormula.MatchString(line) {
		return true
	}
	if a, b, ok := strings.Cut(line, " / "); ok && closingFormula.MatchString(a) && closingFormula.MatchString(b) {
		return true
	}
	return len(strings.Fields(line)) <= 6 && greetingWord.MatchString(line) && !strings.ContainsAny(line, "?:")
}

// closingWithName tells whether a line closes and signs in one: "Best, Ingvild",
// "Grüße Sven".
func (n nameMatcher) closingWithName(line string) bool {
	line = strings.TrimSpace(line)
	if len(line) > 80 {
		return false
	}
	if head, tail, ok := strings.Cut(line, ", "); ok {
		return len(strings.Fields(head)) <= 4 && n.names(tail)
	}
	at := strings.LastIndexByte(line, ' ')
	return at > 0 && closingFormula.MatchString(line[:at]) && n.names(line[at+1:])
}
