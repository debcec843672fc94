package reply

import (
	"testing"

	"drumbeat/internal/outreach"
)

// How mail programs announce a quote, in the languages that leads write.
func TestQuotesAreAnnouncedInTwentyLanguages(t *testing.T) {
	tests := []struct{ language, attribution, header string }{
		{"English", "On Mon, Jun 2, 2025 at 10:00 AM Dana Reyes <dana@ours.example> wrote:", "From: Dana Reyes <dana@ours.example>\nSent: Monday, June 2, 2025 10:00 AM\nTo: Ana Ruiz\nSubject: a question"},
		{"German", "Am Mo., 2. Juni 2025 um 10:00 Uhr schrieb Dana Reyes <dana@ours.example>:", "Von: Dana Reyes <dana@ours.example>\nGesendet: Montag, 2. Juni 2025 10:00\nAn: Ana Ruiz\nBetreff: a question"},
		{"French", "Le lun. 2 juin 2025 à 10:00, Dana Reyes <dana@ours.example> a écrit :", "De : Dana Reyes <dana@ours.example>\nEnvoyé : lundi 2 juin 2025 10:00\nÀ : Ana Ruiz\nObjet : a question"},
		{"Spanish", "El lun, 2 jun 2025 a las 10:00, Dana Reyes (<dana@ours.example>) escribió:", "De: Dana Reyes <dana@ours.example>\nEnviado: lunes, 2 de junio de 2025 10:00\nPara: Ana Ruiz\nAsunto: a question"},
		{"Italian", "Il giorno lun 2 giu 2025 alle ore 10:00 Dana Reyes <dana@ours.example> ha scritto:", "Da: Dana Reyes <dana@ours.example>\nInviato: lunedì 2 giugno 2025 10:00\nA: Ana Ruiz\nOggetto: a question"},
		{"Portuguese", "Em seg., 2 de jun. de 2025 às 10:00, Dana Reyes <dana@ours.example> escreveu:", "De: Dana Reyes <dana@ours.example>\nEnviada em: segunda-feira, 2 de junho de 2025 10:00\nPara: Ana Ruiz\nAssunto: a question"},
		{"Dutch", "Op ma 2 jun 2025 om 10:00 schreef Dana Reyes <dana@ours.example>:", "Van: Dana Reyes <dana@ours.example>\nVerzonden: maandag 2 juni 2025 10:00\nAan: Ana Ruiz\nOnderwerp: a question"},
		{"Swedish", "Den mån 2 juni 2025 kl 10:00 skrev Dana Reyes <dana@ours.example>:", "Från: Dana Reyes <dana@ours.example>\nSkickat: den 2 juni 2025 10:00\nTill: Ana Ruiz\nÄmne: a question"},
		{"Danish", "Den man. 2. jun. 2025 kl. 10.00 skrev Dana Reyes <dana@ours.example>:", "Fra: Dana Reyes <dana@ours.example>\nSendt: 2. juni 2025 10:00\nTil: Ana Ruiz\nEmne: a question"},
		{"Norwegian", "man. 2. juni 2025 kl. 10:00 skrev Dana Reyes <dana@ours.example>:", "Fra: Dana Reyes <dana@ours.example>\nSendt: mandag 2. juni 2025 10:00\nTil: Ana Ruiz\nEmne: a question"},
		{"Finnish", "ma 2. kesäk. 2025 klo 10.00 Dana Reyes <dana@ours.example> kirjoitti:", "Lähettäjä: Dana Reyes <dana@ours.example>\nLähetetty: maanantai 2. kesäkuuta 2025 10.00\nVastaanottaja: Ana Ruiz\nAihe: a question"},
		{"Polish", "pon., 2 cze 2025 o 10:00 Dana Reyes <dana@ours.example> napisał(a):", "Od: Dana Reyes <dana@ours.example>\nWysłane: poniedziałek, 2 czerwca 2025 10:00\nDo: Ana Ruiz\nTemat: a question"},
		{"Czech", "po 2. 6. 2025 v 10:00 odesílatel Dana Reyes <dana@ours.example> napsal:", "Od: Dana Reyes <dana@ours.example>\nOdesláno: pondělí 2. června 2025 10:00\nKomu: Ana Ruiz\nPředmět: a question"},
		{"Slovak", "po 2. 6. 2025 o 10:00 Dana Reyes <dana@ours.example> napísal(a):", "Od: Dana Reyes <dana@ours.example>\nOdoslané: pondelok 2. júna 2025 10:00\nKomu: Ana Ruiz\nPredmet: a question"},
		{"Hungarian", "Dana Reyes <dana@ours.example> ezt írta (időpont: 2025. jún. 2., H, 10:00):", "Feladó: Dana Reyes <dana@ours.example>\nElküldve: 2025. június 2., hétfő 10:00\nCímzett: Ana Ruiz\nTárgy: a question"},
		{"Romanian", "În lun., 2 iun. 2025 la 10:00, Dana Reyes <dana@ours.example> a scris:", "De la: Dana Reyes <dana@ours.example>\nTrimis: luni, 2 iunie 2025 10:00\nCătre: Ana Ruiz\nSubiect: a question"},
		{"Russian", "пн, 2 июн. 2025 г. в 10:00, Dana Reyes <dana@ours.example>:", "От: Dana Reyes <dana@ours.example>\nОтправлено: 2 июня 2025 г. 10:00\nКому: Ana Ruiz\nТема: a question"},
		{"Ukrainian", "пн, 2 черв. 2025 р. о 10:00 Dana Reyes <dana@ours.example> пише:", "Від: Dana Reyes <dana@ours.example>\nНадіслано: 2 червня 2025 р. 10:00\nКому: Ana Ruiz\nТема: a question"},
		{"Turkish", "Dana Reyes <dana@ours.example>, 2 Haz 2025 Pzt, 10:00 tarihinde şunu yazdı:", "Kimden: Dana Reyes <dana@ours.example>\nGönderildi: 2 Haziran 2025 Pazartesi 10:00\nKime: Ana Ruiz\nKonu: a question"},
		{"Greek", "Στις Δευ 2 Ιουν 2025 στις 10:00 π.μ., ο χρήστης Dana Reyes <dana@ours.example> έγραψε:", "Από: Dana Reyes <dana@ours.example>\nΣτάλθηκε: Δευτέρα, 2 Ιουνίου 2025 10:00 πμ\nΠρος: Ana Ruiz\nΘέμα: a question"},
		{"Bulgarian", "На пн, 2.06.2025 г. в 10:00 Dana Reyes <dana@ours.example> написа:", "От: Dana Reyes <dana@ours.example>\nИзпратено: 2 юни 2025 г. 10:00\nДо: Ana Ruiz\nОтносно: a question"},
		{"Croatian", "pon, 2. lip 2025. u 10:00 Dana Reyes <dana@ours.example> napisao je:", "Od: Dana Reyes <dana@ours.example>\nPoslano: 2. lipnja 2025. 10:00\nPrima: Ana Ruiz\nPredmet: a question"},
		{"Japanese", "2025年6月2日(月) 10:00 Dana Reyes <dana@ours.example>:", "差出人: Dana Reyes <dana@ours.example>\n送信日時: 2025年6月2日 10:00\n宛先: Ana Ruiz\n件名: a question"},
		{"Chinese", "Dana Reyes <dana@ours.example> 于2025年6月2日周一 10:00写道：", "发件人: Dana Reyes <dana@ours.example>\n发送时间: 2025年6月2日 10:00\n收件人: Ana Ruiz\n主题: a question"},
		{"Traditional Chinese", "Dana Reyes <dana@ours.example> 於 2025年6月2日 週一 上午10:00寫道：", "寄件者: Dana Reyes <dana@ours.example>\n寄件日期: 2025年6月2日 10:00\n收件者: Ana Ruiz\n主旨: a question"},
		{"Korean", "2025년 6월 2일 (월) 오전 10:00, Dana Reyes <dana@ours.example>님이 작성:", "보낸 사람: Dana Reyes <dana@ours.example>\n보낸 날짜: 2025년 6월 2일 월요일 10:00\n받는 사람: Ana Ruiz\n제목: a question"},
		{"Vietnamese", "Vào Th 2, 2 thg 6, 2025 vào lúc 10:00 Dana Reyes <dana@ours.example> đã viết:", "Từ: Dana Reyes <dana@ours.example>\nĐã gửi: Thứ Hai, 2 tháng 6, 2025 10:00\nTới: Ana Ruiz\nChủ đề: a question"},
	}
	ana := outreach.Address{Name: "Ana Ruiz", Email: "ana.ruiz@lead.example"}
	for _, test := range tests {
		t.Run(test.language, func(t *testing.T) {
			for kind, body := range map[string]string{
				"attribution over marks": "Yes, gladly.\n\n" + test.attribution + "\n\n> Shall we talk?\n> Dana\n",
				"attribution alone":      "Yes, gladly.\n\n" + test.attribution + "\n\nShall we talk?\nDana\n",
				"Outlook's header":       "Yes, gladly.\n\n" + test.header + "\n\nShall we talk?\nDana\n",
				"marks over the answer":  test.attribution + "\n> Shall we talk?\n\nYes, gladly.\n",
			} {
				p := split(body, ana)
				if p.text != "Yes, gladly." {
					t.Errorf("%s: new words %q", kind, p.text)
				}
			}
		})
	}
}

// How absence assistants of mail programs begin their subjects.
func TestAbsenceSubjectsInTwentyLanguages(t *testing.T) {
	for _, subject := range []string{
		"Automatic reply: a question", "Out of Office: a question", "Automatische Antwort: a question", "Abwesenheitsnotiz: a question",
		"Réponse automatique : a question", "Respuesta automática: a question", "Risposta automatica: a question", "Resposta automática: a question",
		"Automatisch antwoord: a question", "Afwezigheidsbericht", "Autosvar: a question", "Automatiskt svar: a question", "Automatisk svar: a question",
		"Automaattinen vastaus: a question", "Automatyczna odpowiedź: a question", "Odpowiedź automatyczna: a question", "Automatická odpověď: a question",
		"Automatická odpoveď: a question", "Automatikus válasz: a question", "Răspuns automat: a question", "Автоматический ответ: a question",
		"Автоматична відповідь: a question", "Автоматичен отговор: a question", "Otomatik yanıt: a question", "Αυτόματη απάντηση: a question",
		"Automatski odgovor: a question", "Samodejni odgovor: a question", "Automatinis atsakymas: a question", "Automaatvastus: a question",
		"自動応答: a question", "自动回复: a question", "自動回覆: a question", "자동 응답: a question", "Trả lời tự động: a question", "Balasan otomatis: a question",
	} {
		for _, prefix := range []string{"", "[External] ", "[EXT] Re: ", "AW: [EXTERN] "} {
			m := parse(t, "From: ana@lead.example\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nSubject: "+prefix+subject+"\n\nI am away.\n")
			if m.Kind != outreach.KindAutomatic {
				t.Errorf("%q is %s by %q", prefix+subject, m.Kind, m.KindRules)
			}
		}
	}
}
