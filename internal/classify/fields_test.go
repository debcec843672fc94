package classify_test

import (
	"testing"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
)

// The replies came on Wednesday 30 April 2025.
func TestANewContactIsInvitedFromADay(t *testing.T) {
	wantFollowUps(t, map[string]string{
		"Not now, sorry. Our new budget begins in July next year, please approach us then.":    "2026-07-01",
		"Não agora, obrigado. Me procure em março do ano que vem.":                             "2026-03-01",
		"Derzeit kein Bedarf. Gerne können Sie im 2. Quartal 2026 wieder auf mich zukommen.":   "2026-04-01",
		"Ahora no nos interesa, búscame en el último trimestre.":                               "2025-10-01",
		"Not interested at the moment. Ask me again the first Monday in June.":                 "2025-06-02",
		"No time now, please try me again in the second week of October.":                      "2025-10-08",
		"We are tied in until the end of 2026. Write again when it runs out.":                  "2027-01-01",
		"Kein Interesse im Moment, wir sind bis Februar 2026 gebunden. Melden Sie sich danach": "2026-03-01",
		"No thanks, not before June. Contact me on the 18th when I am through.":                "2025-06-18",
		"Not this quarter. Q4 at the earliest.":                                                "2025-10-01",
		"Pas maintenant, recontactez-moi en septembre.":                                        "2025-09-01",
		"Nu niet, neem in januari nog eens contact op.":                                        "2026-01-01",
		"Ora no, risentiamoci a settembre.":                                                    "2025-09-01",
		"Not now, we are full with orders. Give me a bell in June.":                            "2025-06-01",
		"Kein Bedarf im Moment, wir stecken im Umbau. Im Oktober habe ich Zeit dafür.":         "2025-10-01",
		"Kein Interesse derzeit. Im Oktober 26 schreib mir nochmal.":                           "2026-10-01",
		"Pas maintenant, c'est la saison. On se recause en novembre.":                          "2025-11-01",
		"Ahora no, estamos hasta arriba. Écheme un grito en junio.":                            "2025-06-01",
		"Nu even niet, geen tijd. In januari mag je me weer lastigvallen.":                     "2026-01-01",
		"Ora no, siamo in piena stagione. A novembre mi cerchi pure.":                          "2025-11-01",
		"Não agora, o contrato vai até março de 2027. Me procure em abril daquele ano.":        "2027-04-01",
		"Teraz nie, dziękuję. W listopadzie możemy pogadać.":                                   "2025-11-01",
		"Most nem, köszönöm. Júniusban keressen meg.":                                          "2025-06-01",
		"Not now. I can only think about it when the season is over. That would be October.":   "2025-10-01",
		"No thanks, we looked at three of you in the spring and chose another one.":            "",
		"Not me, I only do the post. Ana Ruiz decides; call her on Monday.":                    "",
		"No thanks, we are happy with what we have and renew each August without a word.":      "",
		"No thanks. Our people meet every first Monday and decide nothing.":                    "",
		"Too expensive, that is what a new van costs us in a month from Ford.":                 "",
		"No thanks, once in a year somebody asks that and the answer stays no.":                "",
	})
}

func TestAnAbsenceEndsOnADay(t *testing.T) {
	wantReturns(t, map[string]string{
		"I am on leave from 8 May and resume duty for a final month on Monday, 2 June.":          "2025-06-02",
		"Our plant is closed from 13 May and reopens 6 June. I am out of office.":                "2025-06-06",
		"I am out of the office from May 15th to May 23rd. I come to the office from May 26th.":  "2025-05-26",
		"Because of the long weekend I am away from Thursday and back in calendar week 21.":      "2025-05-19",
		"Olen lomalla 9.5. asti ja palaan töihin maanantaina 12.5.":                              "2025-05-12",
		"Recesso até amanhã! Estou fora do escritório e volto na quinta, 08/05.":                 "2025-05-08",
		"Ich bin bis einschließlich 9. Mai im Urlaub.":                                           "2025-05-10",
		"I am out of office. My working days are Monday to Thursday. I will be back on Tuesday.": "2025-05-06",
	})
}

func dayOrNone(day *outreach.Day) string {
	if day == nil {
		return ""
	}
	return day.String()
}

func TestThePersonToTalkToIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"I'm not the right person, talk to our buyer Ana Ruiz.":                          "Ana Ruiz",
		"Not my area. That sits with our chief of staff, Amara.":                         "Amara",
		"wrong person mate, try tunde":                                                   "tunde",
		"Dafür bin ich nicht zuständig, bitte wenden Sie sich an Frau Isolde Kranich.":   "Isolde Kranich",
		"Ce n'est pas moi qui décide, voyez avec Mme Carrel.":                            "Carrel",
		"No soy la persona adecuada, eso lo lleva mi socia, Lucía Prado.":                "Lucía Prado",
		"Non me ne occupo io, il riferimento è mio cugino Bruno Cattaneo, 031 5550 129.": "Bruno Cattaneo",
		"Daar ga ik niet over, dat regelt mijn collega Joep Kersten.":                    "Joep Kersten",
		"Não sou eu quem decide, fale com o Vasco Moreira.":                              "Vasco Moreira",
		"Det är inte jag som bestämmer, kontakta min kollega Lina Ek.":                   "Lina Ek",
		"To nie moja sprawa, decyduje pani Agnieszka Nowak.":                             "Agnieszka Nowak",
		"Not my decision, ask our buyer Kemal Bey.":                                      "Kemal",
		"I don't decide this, the Norwegian owner does.":                                 "",
		"I don't decide this, that is done at our head office in Stuttgart.":             "",
		"Das entscheidet leider unsere Zentrale in Poznań, ich habe keinen Einfluss.":    "",
		"This is decided by the Audit & Risk Committee, not by me.":                      "",
		"Not my decision. Dr. Amara does not review proposals.":                          "",
	} {
		got := classify.Classify(human(text))
		name := ""
		if got.Contact != nil {
			name = got.Contact.Name
		}
		if name != want {
			t.Errorf("%q: %q, want %q; read as %s", text, name, want, got.Label)
		}
	}
}

// An automatic answer names the address to write to: not the one that is read no more.
func TestTheAddressToWriteToInsteadIsTheContact(t *testing.T) {
	for text, want := range map[string]string{
		"Der Empfänger steffen.jahn@ost.example ist nicht länger bei uns beschäftigt. Bitte schreiben Sie an verkauf@ost.example.":         "verkauf@ost.example",
		"This is an automatic reply. We have a new address. Please send your message again to ivo@nova.example. This mailbox is not read.": "ivo@nova.example",
	} {
		in := human(text)
		in.Kind = outreach.KindAutomatic
		got := classify.Classify(in)
		if got.Contact == nil || got.Contact.Email != want {
			t.Errorf("%q: contact %+v, want %s; read as %s", text, got.Contact, want, got.Label)
		}
	}
}

func TestTheVendorInUseIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"Thanks, but we already use Ledgerlark and are happy with it.":            "Ledgerlark",
		"No thanks, all of that is run by Corvid Managed Services for us.":        "Corvid Managed Services",
		"No thanks, we moved to Rosterly last year and are happy.":                "Rosterly",
		"We have a supplier already (Hydrobit) and are happy with them.":          "Hydrobit",
		"Sorry, we are not going to replace Granaria, it works well for us.":      "Granaria",
		"Danke, wir haben dafür schon Kursly und sind zufrieden.":                 "Kursly",
		"Wir sind bis Ende 2026 an Maklerfix gebunden und zufrieden.":             "Maklerfix",
		"Nous travaillons déjà avec Dolibex et en sommes très contents.":          "Dolibex",
		"Ya trabajamos con Nubaria y estamos contentos.":                          "Nubaria",
		"Usiamo già Fabbrix e siamo soddisfatti.":                                 "Fabbrix",
		"We werken al jaren met WerkVlot en zijn tevreden.":                       "WerkVlot",
		"Já usamos a Estokai e estamos satisfeitos.":                              "Estokai",
		"Bonjour, on tourne sur Facturelle depuis dix ans et ça nous va.":         "Facturelle",
		"Dzień dobry, pracujemy w Kadrix i jesteśmy zadowoleni.":                  "Kadrix",
		"No thanks, that is done at our Coimbatore office and we are happy.":      "",
		"No thanks, we are happy with the pots, they come from a firm near Albi.": "",
		"Sheila has done our books for thirty years, we are happy with her.":      "",
		"We already have an agency from Opole and are happy.":                     "",
		"Hoi Lars, we hebben al een leverancier en zijn tevreden.":                "",
		"Our own people do that and they are paid on Fridays, we are happy.":      "",
		"How much is it, and does it integrate with BambooHR?":                    "",
		"Please send two sample CVs and your prices.":                             "",
		"We already have somebody in Minneapolis who does that, we're satisfied.": "",
	} {
		got := classify.Classify(human(text))
		if got.Competitor != want {
			t.Errorf("%q: %q, want %q; read as %s", text, got.Competitor, want, got.Label)
		}
	}
}

// wantFollowUps reads replies of people for the day on which they invite a new contact;
// empty: none.
func wantFollowUps(t *testing.T, days map[string]string) {
	t.Helper()
	for text, want := range days {
		got := classify.Classify(human(text))
		if day := dayOrNone(got.FollowUpOn); day != want {
			t.Errorf("%q: %q, want %q; read as %s with %+v", text, day, want, got.Label, got.Days)
		}
	}
}

// wantReturns reads notices of machines for the first day back; empty: none.
func wantReturns(t *testing.T, days map[string]string) {
	t.Helper()
	for text, want := range days {
		in := human(text)
		in.Kind = outreach.KindAutomatic
		got := classify.Classify(in)
		if day := dayOrNone(got.ReturnOn); day != want {
			t.Errorf("%q: %q, want %q; read as %s with %+v", text, day, want, got.Label, got.Days)
		}
	}
}
