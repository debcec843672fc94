package classify_test

import (
	"testing"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
)

// An answer to "who?" is a name, with a job or without one.
func TestANameAloneAnswersWhoDecides(t *testing.T) {
	for text, want := range map[string]outreach.Contact{
		"Terrence Odom, SVP Engineering.":                                          {Name: "Terrence Odom", Title: "SVP Engineering"},
		"Ask: Jane Roe (Procurement)":                                              {Name: "Jane Roe", Title: "Procurement"},
		"Jane Roe - head of IT":                                                    {Name: "Jane Roe", Title: "head of IT"},
		"Dr. Holger Mertens, Leiter Qualitätssicherung":                            {Name: "Holger Mertens", Title: "Leiter Qualitätssicherung"},
		"Karim Belhadj, responsable de production":                                 {Name: "Karim Belhadj", Title: "responsable de production"},
		"Lucía Prado, directora de compras.":                                       {Name: "Lucía Prado", Title: "directora de compras"},
		"Marta Fini, responsabile acquisti":                                        {Name: "Marta Fini", Title: "responsabile acquisti"},
		"Joep Kersten (hoofd inkoop)":                                              {Name: "Joep Kersten", Title: "hoofd inkoop"},
		"Agnieszka Nowak, dyrektor zakupów":                                        {Name: "Agnieszka Nowak", Title: "dyrektor zakupów"},
		"Lina Ek":                                                                  {Name: "Lina Ek"},
		"It is not me. The acting head of department is Dr. Shreya Pal.":           {Name: "Shreya Pal", Title: "acting head of department"},
		"Not me. Our procurement officer, Mr. Dennis Ouma, handles all packaging.": {Name: "Dennis Ouma", Title: "procurement officer"},
	} {
		in := human(text)
		in.Quoted = "Hi Sam,\n\nwho is in charge of this at your company?"
		got := classify.Classify(in)
		if got.Contact == nil || *got.Contact != want {
			t.Errorf("%q: %+v, want %+v; read as %s", text, got.Contact, want, got.Label)
		}
	}
	for _, text := range []string{"Alan Dyer Commercials", "Best regards", "With respect, Mr. Dunn, that is not my decision.", "Das entscheidet die Gesellschafterversammlung, nicht ich."} {
		if got := classify.Classify(human(text)); got.Contact != nil {
			t.Errorf("%q: %+v, want nobody; read as %s", text, got.Contact, got.Label)
		}
	}
}

// Who writes from a new address is to be written to there.
func TestTheSendersNewAddressIsTheContact(t *testing.T) {
	for text, want := range map[string]string{
		"My address has changed. Please use carol.ledger@new.example from now on.":                      "Carol Ledger",
		"Bitte beachten Sie: Meine neue E-Mail-Adresse lautet c.ledger@new.example.":                    "Carol Ledger",
		"Veuillez noter ma nouvelle adresse : carol.ledger@new.example. Merci.":                         "Carol Ledger",
		"Mi nueva dirección de correo es carol.ledger@new.example, la anterior ya no funciona.":         "Carol Ledger",
		"Il mio nuovo indirizzo è carol.ledger@new.example, questo non viene più letto.":                "Carol Ledger",
		"Mijn nieuwe e-mailadres is carol.ledger@new.example. Dit adres wordt niet meer gelezen.":       "Carol Ledger",
		"O meu novo e-mail é carol.ledger@new.example. Este endereço deixa de funcionar.":               "Carol Ledger",
		"Min nya e-postadress är carol.ledger@new.example. Den här adressen läses inte.":                "Carol Ledger",
		"Mój nowy adres to carol.ledger@new.example. Ta skrzynka nie jest czytana.":                     "Carol Ledger",
		"We have a new address. Please send your message again to office@new.example. Nobody reads on.": "",
	} {
		in := human(text)
		in.Kind = outreach.KindAutomatic
		in.From = outreach.Address{Name: "Dr. Carol Ledger", Email: "carol@old.example"}
		got := classify.Classify(in)
		if got.Contact == nil || got.Contact.Name != want || outreach.Domain(got.Contact.Email) != "new.example" {
			t.Errorf("%q: %+v, want %q; read as %s", text, got.Contact, want, got.Label)
		}
	}
}
