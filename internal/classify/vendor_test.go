package classify_test

import (
	"cmp"
	"testing"

	"drumbeat/internal/classify"
)

// Vendors that are named beside the point, in the languages of data/vendor.txt.
func TestAVendorNamedInPassingIsFound(t *testing.T) {
	for text, want := range map[string]string{
		"No thanks, we renewed with Corvella last autumn for three years.":                    "Corvella",
		"Thanks, but Orrin & Vale has looked after our books for years, we are happy.":        "Orrin & Vale",
		"We're a Stockpilot shop, have been since the start. No need for another.":            "Stockpilot",
		"no thanks, been on tillwren since we opened and it works":                            "tillwren",
		"We already have a supplier. Our Grantora contract runs to 2028.":                     "Grantora",
		"Too expensive, that is double what Palletro charges us.":                             "Palletro",
		"No thanks, everything is kept in Datenly and we are happy with it.":                  "Datenly",
		"we're happy with mailchimp, no need":                                                 "mailchimp",
		"No thanks, our payroll is outsourced to Pendrake Services since 2016.":               "Pendrake Services",
		"Danke, wir sind mit Fuhrwerk24 sehr zufrieden und wollen nicht wechseln.":            "Fuhrwerk24",
		"Kein Bedarf, wir haben erst auf Kaskado umgestellt und sind zufrieden.":              "Kaskado",
		"Merci, mais nous sommes équipés de Planivo depuis dix ans et très contents.":         "Planivo",
		"Gracias, ya trabajamos con Rutalix desde hace años y estamos contentos.":             "Rutalix",
		"Grazie, ma siamo passati a Cantinax l'anno scorso e siamo soddisfatti.":              "Cantinax",
		"Nee bedankt, wij draaien op Stokado en zijn daar tevreden mee.":                      "Stokado",
		"Obrigado, já usamos o Vendaflex há anos e estamos satisfeitos.":                      "Vendaflex",
		"Tack, men vi bytte till Bokvalet i våras och är nöjda.":                              "Bokvalet",
		"Nej tak, vi kører med Montivo på alle biler og er glade for det.":                    "Montivo",
		"Nei takk, vi bruker Gravelia i dag og er fornøyd med det.":                           "Gravelia",
		"Dziękuję, korzystamy z Magazynix od lat i jesteśmy zadowoleni.":                      "Magazynix",
		"Děkuji, používáme Skladomat a jsme spokojeni.":                                       "Skladomat",
		"Mulțumesc, folosim Stocabil de ani buni și suntem mulțumiți.":                        "Stocabil",
		"Köszönöm, már a Raktarixot használjuk és elégedettek vagyunk vele.":                  "Raktarixot",
		"No thanks, we are happy, our people do that in our own plant.":                       "",
		"Does it integrate with Corvella, and how much is it for ten people?":                 "",
		"Not me. That moved to Group Services, I don't decide it.":                            "",
		"Wir haben einen Stammlieferanten und sind zufrieden, danke.":                         "",
		"Die Zeiterfassung läuft bei uns seit Jahren gut, kein Bedarf.":                       "",
		"We already have a provider in Falmouth and we are happy with them.":                  "",
		"Gracias, tenemos nuestra propia gente en Valladolid y estamos contentos.":            "",
		"Non merci, notre comptable à Grenoble s'en occupe et nous en sommes contents.":       "",
		"Nee, dat doet mijn zwager uit Apeldoorn en we zijn tevreden.":                        "",
		"Nie, dziękuję. Robi to nasza księgowa z Rzeszowa i jesteśmy zadowoleni.":             "",
		"No thanks, I read this on my iPad on the train from Carlisle and we need nothing":    "",
		"Thanks, but we rolled out Quillbase to all branches and nobody wants to move again.": "Quillbase",
		"Not looking. Blueheron's contract has eighteen months to run.":                       "Blueheron",
		"Sales lives in Finch CRM. I'd have a mutiny, so no thanks.":                          "Finch CRM",
		"Unser Logistiker ist das Elbkontor und da bleiben wir, danke.":                       "Elbkontor",
		"Euer Preis ist doppelt so hoch wie bei Faktorix, das ist mir zu teuer.":              "Faktorix",
		"Mon père a choisi Cellier 3000 en 1998, je n'y touche pas, merci.":                   "Cellier 3000",
		"Notre imprimeur, Colibri, nous suit depuis toujours et on en est contents.":          "Colibri",
		"Acabamos de implantar Vinoteca Pro, estamos contentos.":                              "Vinoteca Pro",
		"Noi siamo su Prenotami e i clienti si sono abituati, grazie.":                        "Prenotami",
		"Účetnictví nám dělá Ekonom a jsme s ním spokojeni.":                                  "Ekonom",
		"No thanks, we manage with Excel and a whiteboard.":                                   "",
		"No thanks, we print on a Heidelberg press that my grandfather bought.":               "",
		"Danke, wir kommen mit Zettel und Bleistift aus und sind zufrieden.":                  "",
	} {
		got := classify.Classify(human(text))
		if got.Competitor != want {
			t.Errorf("%q: %q, want %q; read as %s in %q", text, got.Competitor, want, got.Label, got.Language)
		}
	}
}

// A firm that runs things for the sender is vendor and contact at once; a person is
// the contact alone.
func TestAFirmWithItsOwnAddressIsVendorAndContact(t *testing.T) {
	for text, want := range map[string][2]string{
		"Not me. Our whole IT is run by Corvid Managed Services, write to them: helpdesk@corvid.example": {"Corvid Managed Services", "helpdesk@corvid.example"},
		"I don't decide this, it is handled by Lorcan Healy, lorcan@acme.example.":                       {"", "Lorcan Healy"},
		"I have no say in this. Head office picked Hexaline for every site in the group.":                {"Hexaline", ""},
	} {
		in := human(text)
		in.From.Email = "sam@acme.example"
		got := classify.Classify(in)
		contact := ""
		if got.Contact != nil {
			contact = cmp.Or(got.Contact.Name, got.Contact.Email)
		}
		if got.Competitor != want[0] || contact != want[1] {
			t.Errorf("%q: vendor %q and contact %q, want %q; read as %s", text, got.Competitor, contact, want, got.Label)
		}
	}
}
