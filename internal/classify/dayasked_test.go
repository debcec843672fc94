package classify_test

import "testing"

// The replies came on Wednesday 30 April 2025.
func TestADayIsInvitedWithoutTheUsualWords(t *testing.T) {
	wantFollowUps(t, map[string]string{
		"Not now, we are swamped. Get in touch after Labor Day.":                                    "2025-09-02",
		"No time at present, hit me up after Thanksgiving.":                                         "2025-11-28",
		"Derzeit kein Bedarf. Melden Sie sich nach Pfingsten wieder.":                               "2025-06-10",
		"Pas maintenant, rappelez-moi après la Toussaint.":                                          "2025-11-02",
		"Ahora no, llámeme después de Reyes.":                                                       "2026-01-07",
		"Ora no, risentiamoci dopo la Befana.":                                                      "2026-01-07",
		"Nu niet, bel me na Pinksteren.":                                                            "2025-06-10",
		"Agora não dá, volte a ligar depois do Carnaval.":                                           "2026-02-19",
		"No budget left. The new year starts in July. Send me a quote then.":                        "2025-07-01",
		"We are tied up with an audit, no interest now. In September I'd be glad to hear from you.": "2025-09-01",
		"Pas maintenant. Début février, pas avant.":                                                 "2026-02-01",
		"Nu even niet, druk met de oogst. Oktober, eerder lees ik niks.":                            "2025-10-01",
		"Derzeit nicht. Im Oktober höre ich Ihnen gern zu.":                                         "2025-10-01",
		"Not now. The vote is at the beginning of June. Give us a shout on the 4th.":                "2025-06-04",
		"Not now. After the fair, 3 November.":                                                      "2025-11-03",
		"Please call after 15 July, not earlier, we are full now.":                                  "2025-07-16",
		"No thanks, not now. Write on or after 1 October if you like.":                              "2025-10-01",
		"Teraz nie. W październiku chętnie porozmawiam.":                                            "2025-10-01",
		"No thanks. We had the inspectors in November and they were happy.":                         "",
		"No thanks, we migrated everything in January and nobody wants another move.":               "",
		"Not interested. I answered an email in March and said the same.":                           "",
		"April. In a nursery. No, thank you.":                                                       "",
		"No thanks, the wedding season is on and Thanksgiving is what I live for.":                  "",
	})
}

func TestTheOneDayOfAnAbsenceIsTheReturn(t *testing.T) {
	wantReturns(t, map[string]string{
		"I am out of the office. See you on 16 June.":                                             "2025-06-16",
		"Nos bureaux sont fermés pour le pont et rouvriront le lundi 2 juin. Message automatique": "2025-06-02",
		"¡Felices fiestas! Estamos de vacaciones. Volvemos el lunes 19 de mayo.":                  "2025-05-19",
		"Majówka! Jestem na urlopie. Wracamy 5 maja.":                                             "2025-05-05",
		"Ich bin im Militärdienst bis und mit 9. Mai und lese keine Mails.":                       "2025-05-10",
		"Betriebsferien! Unser Werk ist von KW 20 bis KW 21 geschlossen.":                         "2025-05-26",
		"I'm at a fair the week of May 5 and will be back in the office on May 13.":               "2025-05-13",
		"I am on leave from 12 May. For urgent matters call the desk.":                            "",
		"Ich bin ab dem 12. Mai im Urlaub.":                                                       "",
	})
}
