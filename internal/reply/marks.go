package reply

import (
	"strings"
	"unicode/utf8"

	"drumbeat/internal/pattern"
)

// The marks by which mail programs announce what the sender did not write.
// Every pattern is looked for in a single line, or in a few joined ones, of
// bounded length, so the whole scan is linear.
var (
	// wroteVerb is "wrote" as Gmail, Apple Mail, Thunderbird and Outlook put it.
	wroteVerb = pattern.New(`(?i)(?:^|[\s>"'(*,;)\]])(?:wrote|writes|a écrit|écrit|schrieb(?:en)?|schreibt|geschrieben|` +
		`escribió|escribio|ha escrito|escreveu|ha scritto|scritto|scrive|schreef|heeft geschreven|skrev|skreiv|` +
		`napisał(?:\(a\)|a)?|napisal(?:a)?|pisze|napsal(?:a|\(a\))?|napísal(?:a|\(a\))?|írta|ezt írta|a scris|kirjoitti|` +
		`yazdı|şunu yazdı|şunları yazdı|написал(?:\(а\)|а)?|пишет|пише|написав|написала|έγραψε|je napisao|je napisala|napisao|je napisal|rašė|kirjutas|rakstīja|` +
		`viết|đã viết)(?:$|[\s:,(<*])|写道|寫道|のメール|書きました|님이 작성|작성:|כתב|كتب`)
	// leadIn begins an attribution: "On", its translations, a weekday or a date.
	leadIn = pattern.New(`(?i)^[\s>*_"'(]{0,4}(?:on|am|at|le|el|il|em|no dia|op|den|dnia|w dniu|dne|dňa|на|в|від|il giorno|el día|pe|la|în data|kl|` +
		`mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|` +
		`mo|di|mi|do|fr|sa|so|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|` +
		`lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lun|mar|mié|jue|vie|sáb|dom|lunes|martes|jueves|viernes|` +
		`пн|вт|ср|чт|пт|сб|вс|нд|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|pon|wto?|śr|czw|pt|sob|niedz|po|út|st|čt|pá|ut|uto|sri|čet|pet|sub|ned|` +
		`ma|ti|ke|to|pe|su|man|tir|ons|tors?|fre|lør|søn|mån|tis|lör|sön|pzt|sal|çar|per|cum|cmt|paz|stis|στις|vào|în|u|v|` +
		`\d{1,4})(?:[\s.,:/年-]|$)`)
	dateLike = pattern.New(`\d{1,2}[:.h]\d{2}|\b(?:19|20)\d{2}\b|\d{1,2}[./-]\d{1,2}|\b\d{1,2}\.? ?\p{L}{3}|\p{L}{3,9} \d{1,2}\b|\d年`)
	mailLike = pattern.New(`(?:<|\[|\(|"|mailto:|\s|^)[^\s<>@]{1,64}@[^\s<>@]{1,255}`)

	// headerLine is a line of an Outlook-style header block.
	headerLine = pattern.New(`(?i)^[\s>*_|]{0,4}(` +
		`from|von|de|da|från|fra|van|od|от|от кого|від|lähettäjä|kimden|gönderen|feladó|de la|από|expéditeur|remitente|mittente|remetente|afzender|avsändare|avsender|nadawca|odesílatel|отправитель|寄件者|发件人|發件人|差出人|보낸 사람|từ|dari|saatja|nuo|no|מאת|من|` +
		`изпратено|до|относно|đã gửi|tới|đến|chủ đề|ngày|dikirim|kepada|subjek|perihal|poslano|poslato|prima|za|zadeva|naslov|predmet|saadetud|adressaat|teema|išsiųsta|kam|nosūtīts|tēma|` +
		`στάλθηκε|către|נשלח|אל|נושא|إلى|الموضوع|تاريخ الإرسال|التاريخ|寄件日期|收信人|받은 날짜|` +
		`sent|date|gesendet|datum|envoyé|envoyé le|enviado|enviado el|enviada em|fecha|data|inviato|skickat|sendt|dato|verzonden|wysłano|wysłane|отправлено|дата|надіслано|lähetetty|päiväys|gönderilme tarihi|tarih|elküldve|dátum|trimis|ημερομηνία|odesláno|odoslané|发送时间|發送時間|日期|送信日時|日付|보낸 날짜|날짜|` +
		`to|an|à|a|para|till|til|aan|do|кому|komu|vastaanottaja|kime|alıcı|címzett|către|προς|destinataire|destinatario|收件人|收件者|宛先|받는 사람|` +
		`cc|kopie|kopia|kopi|copie|copia|копия|копія|` +
		`reply-to|antwort an|répondre à|rispondi a|risposta|responder a|` +
		`subject|betreff|objet|asunto|assunto|oggetto|ämne|emne|onderwerp|temat|тема|aihe|konu|tárgy|subiect|θέμα|předmět|predmet|主题|主旨|件名|제목|importance|priorität)` +
		`\s{0,2}\*{0,2}\s?[:：]`)
	fromLine = pattern.New(`(?i)^[\s>*_|]{0,4}(?:from|von|de|da|från|fra|van|od|от|від|lähettäjä|kimden|gönderen|feladó|de la|από|expéditeur|remitente|mittente|remetente|afzender|寄件者|发件人|發件人|差出人|보낸 사람|từ|dari|saatja|מאת|من)\s{0,2}\*{0,2}\s?[:：]`)

	// dashedTitle is "-----Original Message-----" in any language.
	dashedTitle = pattern.New(`^[\s*_>]{0,4}[-–—_=]{3,}\s?\*{0,2}\s?\p{L}[^\n]{2,60}?\s?\*{0,2}\s?[-–—_=]{3,}[\s*_]{0,4}$`)
	forwardWord = pattern.New(`(?i)forwarded|weitergeleitet|transféré|transfere|réexpédié|reenviado|inoltrat|encaminhad|reencaminhad|doorgestuurd|vidarebefordra|videresend|videresendt|przekazan|przesłan|пересыла|пересла|edelleen|välitetty|iletilen|továbbított|redirecționat|přeposlan|preposlan|転送|转发|轉寄|전달`)
	forwardHead = pattern.New(`(?i)^\s{0,4}(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-?mail)|début du message (?:réexpédié|transféré)|inizio (?:del )?messaggio inoltrato|inicio del mensaje reenviado|início da mensagem (?:encaminhada|reencaminhada)|begin doorgestuurd bericht|vidarebefordrat brev|start på videresendt besked)\s?[:：]?\s*$`)
	rule        = pattern.New(`^\s{0,8}[-–—_=*]{5,}\s*$`)
	sigDashes   = pattern.New(`^\s{0,2}(?:--|---|—|–|__|___)\s{0,3}$`)

	mobileLine = pattern.New(`(?i)^[\s<(\[*_>-]{0,6}(?:sent (?:from|via|with|using|by|on|while)\b|from my (?:iphone|ipad|phone|mobile|android|galaxy|blackberry)|get outlook for|get \[?outlook|` +
		`(?:diese nachricht wurde |diese mail wurde )?von meinem .{1,60} gesendet|gesendet (?:von|mit|aus|über)\b|envoyé (?:depuis|de|à partir|avec|par)\b|télécharge[rz] outlook|obtenez outlook|` +
		`enviado (?:desde|do|de|com|con|a partir)\b|enviada (?:do|de)\b|obtener outlook|inviato (?:da|dal|con)\b|scarica outlook|verzonden (?:vanaf|met|van|via|vanuit)\b|verstuurd vanaf|outlook voor .{1,20} downloaden|` +
		`skickat från|skickad från|sendt fra|sendt med|wysłan[eoy] (?:z|ze|za)\b|отправлено (?:с|из)\b|lähetetty |odesláno z|odoslané z|trimis de pe|iphone'umdan gönderildi|.{0,20}(?:umdan|imden) gönderildi|iphoneから送信|从我的|從我的|发自我的|나의 iphone|` +
		`.{1,20} from (?:a |my )?(?:mobile|phone|cell)\W*$|dictated|typed on (?:my|a)|composed on)`)
	// banner is what a gateway writes on top of a mail.
	banner = pattern.New(`(?i)originated (?:from )?outside|outside (?:of )?(?:the|your|our) organi[sz]ation|external (?:e-?mail|sender|message)\b.{0,40}(?:caution|click|links|trust|attachments|$)|message was scanned|mail was scanned|scanned by|` +
		`type your (?:reply|response) above|reply above this line|you don'?t often get email from|do not click (?:on )?links|externe e-?mail|absender ist extern|von außerhalb (?:der|ihrer|unserer)|` +
		`provient de l'extérieur|expéditeur externe|correo externo|remitente externo|mittente esterno|e-mail externo|extern avsändare|ekstern afsender|antworten? (?:bitte )?oberhalb dieser (?:linie|zeile)|sie erhalten nicht häufig`)
	bannerShape = pattern.New(`(?i)^\W{0,6}(?:caution|warning|external|attention|achtung|vorsicht|extern|important|notice|this (?:message|e-?mail|mail)|please type|##|\*\*\*|you don'?t often|sie erhalten|ce message|atención|attenzione|atenção|let op)`)

	disclaimer = pattern.New(`(?i)^\W{0,8}(?:` +
		`(?:the|any) (?:information|contents?|views|opinions)\b.{0,80}(?:e-?mail|message|confidential|author|sender)|` +
		`this (?:e-?mail|email|message|mail|communication|transmission)\b.{0,120}(?:confidential|intended|privileged|addressee|attachment|legally|monitored|scanned|virus|sent on behalf|binding)|` +
		`(?:confidential(?:ity)?|privileged|legal|important)\b.{0,30}(?:notice|disclaimer|information|note|warning|statement|:)|disclaimer|confidential(?:ity)?\b\s*[-:.]|` +
		`if you (?:are not|have received|received).{0,60}(?:intended|error|mistake)|privileged and confidential|` +
		`(?:please )?(?:consider|think of) the environment|please (?:don't|do not) print|save (?:paper|a tree)|think before (?:you )?print|` +
		`registered (?:office|in england|in scotland|address|charity)|(?:company|charity) (?:number|no\.?|registration|reg)\b|virus-?free|` +
		`diese (?:e-?mail|nachricht|mail|information)\b.{0,120}(?:vertraulich|bestimmt|adressat|empfänger|rechtlich|anhänge)|vertraulichkeit|der inhalt dieser|die (?:in dieser|information).{0,60}vertraulich|sollten sie nicht|wenn sie nicht der|bitte (?:denken|prüfen) sie|` +
		`ce (?:message|courriel|mail|e-?mail)\b.{0,120}(?:confidentiel|destinat|exclusif|usage|pièces)|(?:avis|clause|mention) de confidentialité|si vous (?:avez reçu|n'êtes pas).{0,60}(?:erreur|destinataire)|pensez à l'environnement|` +
		`este (?:mensaje|correo|e-?mail|mail)\b.{0,120}(?:confidencial|destinat|dirigid|exclusiv|privilegiad)|aviso (?:legal|de confidencialidad)|antes de imprimir|si (?:usted )?(?:no es|ha recibido).{0,60}(?:destinatario|error)|la información contenida|` +
		`(?:questo|il presente|la presente|le informazioni|il contenuto)\b.{0,120}(?:riservat|confidenzial|destinatari|contenut)|avviso di riservatezza|ai sensi d|prima di stampare|` +
		`esta (?:mensagem|comunicação)\b.{0,120}(?:confidencia|destinat|dirigid|exclusiv)|aviso de confidencialidade|antes de imprimir|` +
		`(?:dit bericht|deze e-?mail|de informatie)\b.{0,120}(?:vertrouwelijk|bestemd|geadresseerde)|` +
		`(?:detta|denna|dette|denne|den här)\b.{0,60}(?:meddelande|e-?post|mail|besked|melding).{0,100}(?:konfidentiell|fortrolig|avsed|beregnet|mottag|modtager)|` +
		`(?:ta wiadomość|niniejsza wiadomość|treść tej|informacje zawarte)\b.{0,120}(?:poufn|adresat|przeznaczon)|(?:это|данное|настоящее) (?:сообщение|письмо|электронное).{0,120}(?:конфиденциал|предназнач)|` +
		`bu (?:e-?posta|mesaj|ileti)\b.{0,120}(?:gizli|alıcı)|tato zpráva.{0,80}důvěrn)`)
)

// maxMarkLine is the longest line, in bytes, that can be a mark.
const maxMarkLine = 400

func short(line string) bool { return len(line) <= maxMarkLine }

// quoteDepth counts the '>' in front of a line; zero is no quote.
func quoteDepth(line string) int {
	depth := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '>':
			depth++
		case ' ', '\t':
			if depth == 0 && i > 3 {
				return 0
			}
		default:
			return depth
		}
	}
	return depth
}

// unquote removes the quote marks of a line.
func unquote(line string) string {
	return strings.TrimPrefix(strings.TrimLeft(line, "> \t|"), " ")
}

func runeLen(s string) int { return utf8.RuneCountInString(s) }
