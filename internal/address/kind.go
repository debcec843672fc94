package address

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"drumbeat/internal/outreach"
)

// Role tells whether an address belongs to a function instead of a person
// (RFC 2142 and what companies use). Nobody there can be addressed by name.
func Role(s string) bool {
	local, _, _ := strings.Cut(outreach.AddressKey(s), "@")
	return roles[local]
}

// FreeMail tells whether an address is at a provider of private mail: its
// domain says nothing about a company, so it must never match one.
func FreeMail(s string) bool { return freeMail[outreach.Domain(s)] }

// Company is the registrable domain (eTLD+1) of an address, by which the people of
// one company are known; empty when the domain says nothing about a company.
func Company(s string) string {
	if FreeMail(s) {
		return ""
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(outreach.Domain(s))
	if err != nil {
		return ""
	}
	return domain
}

var roles = table(`
	abuse accounting accounts admin administrator all anfrage billing bonjour bounce bounces buchhaltung careers
	compliance comercial commercial contact contacto contatti contatto daemon empfang enquiries enquiry everyone
	facturacion facturation feedback finance ftp hallo hello help helpdesk hi hola hostmaster hr impressum info
	information informatie inquiries it jobs kontakt kundenservice legal list mail mailer-daemon marketing media
	news newsletter no-reply nobody noc noreply office officina oficina orders people post postmaster presse
	press privacy purchasing rechnung recruiting recruitment reception redaktion root rrhh sales secretariat
	security sekretariat service shop spam staff sekretariaat support sysadmin team tech undisclosed-recipients
	unsubscribe usenet uucp vendite ventas verkauf verkoop vertrieb web webmaster welcome www`)

var freeMail = table(`
	aim.com alice.it aol.com att.net bellsouth.net bk.ru bluewin.ch bol.com.br btinternet.com charter.net comcast.net
	cox.net duck.com earthlink.net email.com email.it fastmail.com fastmail.fm free.fr freenet.de gmail.com gmx.at
	gmx.ch gmx.com gmx.de gmx.net googlemail.com hey.com home.nl hotmail.be hotmail.co.uk hotmail.com hotmail.de
	hotmail.es hotmail.fr hotmail.it hotmail.nl hushmail.com icloud.com inbox.lv inbox.ru interia.pl juno.com kpnmail.nl
	laposte.net libero.it list.ru live.be live.co.uk live.com live.de live.fr live.it live.nl mac.com mail.com mail.de
	mail.ru mailbox.org me.com msn.com naver.com neuf.fr ntlworld.com o2.pl onet.pl online.de orange.fr outlook.com
	outlook.de outlook.es outlook.fr outlook.it planet.nl pm.me posteo.de proton.me protonmail.com qq.com rambler.ru
	rediffmail.com rocketmail.com sbcglobal.net seznam.cz sfr.fr sky.com skynet.be t-online.de talktalk.net telenet.be
	terra.com.br tiscali.it tuta.com tutanota.com uol.com.br verizon.net virgilio.it virginmedia.com wanadoo.fr web.de
	wp.pl xs4all.nl yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com
	yandex.ru ymail.com zeelandnet.nl ziggo.nl zoho.com 126.com 163.com`)

func table(words string) map[string]bool {
	set := make(map[string]bool)
	for _, word := range strings.Fields(words) {
		set[word] = true
	}
	return set
}
