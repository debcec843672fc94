package mailworld

import (
	"fmt"
	"strings"
	"time"
)

// locale is how a language writes dates and quotes, as far as mail programs and
// absence notices show it.
type locale struct {
	weekdays [7]string // from Sunday
	months   [12]string
	day      string // of a date in a sentence: day, month
	gmail    string // the line above a Gmail quote: short weekday, day, short month, year, time, name, address
	apple    string // of Apple Mail: day, month, year, time, name, address
	outlook  string // of Outlook's "Sent": weekday, day, month, year, time
	headers  [4]string
}

// localeOf gives the locale of an ISO 639-1 code; English for those unknown.
func localeOf(language string) locale {
	switch language {
	case "de":
		return locale{
			weekdays: week("Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag"),
			months:   year("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
			day:      "%d. %s", gmail: "Am %.2s., %d. %.3s. %d um %s Uhr schrieb %s <%s>:",
			apple: "Am %d. %s %d um %s schrieb %s <%s>:", outlook: "%s, %d. %s %d %s",
			headers: [4]string{"Von:", "Gesendet:", "An:", "Betreff:"},
		}
	case "fr":
		return locale{
			weekdays: week("dimanche lundi mardi mercredi jeudi vendredi samedi"),
			months:   year("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
			day:      "%d %s", gmail: "Le %.3s. %d %.4s. %d à %s, %s <%s> a écrit :",
			apple: "Le %d %s %d à %s, %s <%s> a écrit :", outlook: "%s %d %s %d %s",
			headers: [4]string{"De :", "Envoyé :", "À :", "Objet :"},
		}
	case "es":
		return locale{
			weekdays: week("domingo lunes martes miércoles jueves viernes sábado"),
			months:   year("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
			day:      "%d de %s", gmail: "El %.3s, %d %.3s %d a las %s, %s (<%s>) escribió:",
			apple: "El %d %s %d, a las %s, %s <%s> escribió:", outlook: "%s, %d de %s de %d %s",
			headers: [4]string{"De:", "Enviado:", "Para:", "Asunto:"},
		}
	case "nl":
		return locale{
			weekdays: week("zondag maandag dinsdag woensdag donderdag vrijdag zaterdag"),
			months:   year("januari februari maart april mei juni juli augustus september oktober november december"),
			day:      "%d %s", gmail: "Op %.2s %d %.3s %d om %s schreef %s <%s>:",
			apple: "Op %d %s %d om %s heeft %s <%s> het volgende geschreven:", outlook: "%s %d %s %d %s",
			headers: [4]string{"Van:", "Verzonden:", "Aan:", "Onderwerp:"},
		}
	case "it":
		return locale{
			weekdays: week("domenica lunedì martedì mercoledì giovedì venerdì sabato"),
			months:   year("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
			day:      "%d %s", gmail: "Il giorno %.3s %d %.3s %d alle ore %s %s <%s> ha scritto:",
			apple: "Il giorno %d %s %d, alle ore %s, %s <%s> ha scritto:", outlook: "%s %d %s %d %s",
			headers: [4]string{"Da:", "Inviato:", "A:", "Oggetto:"},
		}
	}
	return locale{
		weekdays: week("Sunday Monday Tuesday Wednesday Thursday Friday Saturday"),
		months:   year("January February March April May June July August September October November December"),
		day:      "%d %s", gmail: "On %.3s, %d %.3s %d at %s, %s <%s> wrote:",
		apple: "On %d %s %d, at %s, %s <%s> wrote:", outlook: "%s, %d %s %d %s",
		headers: [4]string{"From:", "Sent:", "To:", "Subject:"},
	}
}

func week(words string) (out [7]string) { copy(out[:], strings.Fields(words)); return out }

func year(words string) (out [12]string) { copy(out[:], strings.Fields(words)); return out }

func (l locale) weekday(t time.Time) string { return l.weekdays[t.Weekday()] }

func (l locale) month(t time.Time) string { return l.months[t.Month()-1] }

// date is a day as a person writes it in a sentence, without the year.
func (l locale) date(t time.Time) string { return fmt.Sprintf(l.day, t.Day(), l.month(t)) }
