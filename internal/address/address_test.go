package address_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/net/idna"

	"drumbeat/internal/address"
	"drumbeat/internal/outreach"
)

func TestCheckAcceptsTheAddressesOfPeople(t *testing.T) {
	for _, s := range []string{
		"a@b.co", "mary.o'neil+news@mail.example.com", "x_y-z@a-b.example", "müller@example.de",
		"info@münchen.example", "用户@例子.example", strings.Repeat("a", 64) + "@example.com",
	} {
		if err := address.Check(s); err != nil {
			t.Errorf("Check(%q) = %v, want nil", s, err)
		}
	}
}

func TestCheckRefusesWhatIsNotAPlainAddrSpec(t *testing.T) {
	for name, s := range map[string]string{
		"empty": "", "no at": "example.com", "two ats": "a@b@example.com", "no local": "@example.com", "no domain": "a@",
		"no dot": "a@localhost", "literal": "a@[127.0.0.1]", "ip": "a@127.0.0.1", "numeric top": "a@example.123",
		"quoted": `"a b"@example.com`, "name": "A <a@example.com>", "space": "a b@example.com", "trailing space": "a@example.com ",
		"CR": "a\r@example.com", "LF in domain": "a@example.com\nRCPT TO:<b@c.de>", "angle": "a>@example.com",
		"line separator": "a\u2028b@example.com", "NEL": "a\u0085b@example.com", "zero width": "a\u200bb@example.com",
		"leading dot": ".a@example.com", "double dot": "a..b@example.com", "dot at the end": "a@example.com.",
		"empty label": "a@example..com", "hyphen": "a@-example.com", "underscore": "a@ex_ample.com", "comma": "a,b@example.com",
		"long local": strings.Repeat("a", 65) + "@example.com", "long label": "a@" + strings.Repeat("b", 64) + ".com",
		"too long":  strings.Repeat("a", 60) + "@" + strings.Repeat(strings.Repeat("b", 60)+".", 4) + "com",
		"bad UTF-8": "a\xff@example.com", "percent quote": "a\"@example.com",
	} {
		if err := address.Check(s); !errors.Is(err, outreach.ErrInvalid) {
			t.Errorf("%s: Check(%q) = %v, want ErrInvalid", name, s, err)
		}
	}
}

func TestForSMTPPutsTheDomainIntoASCII(t *testing.T) {
	got, utf8, err := address.ForSMTP("Info@München.example")
	if err != nil || got != "Info@xn--mnchen-3ya.example" || utf8 {
		t.Errorf("ForSMTP = %q, %v, %v", got, utf8, err)
	}
	if _, utf8, err := address.ForSMTP("müller@example.de"); err != nil || !utf8 {
		t.Errorf("ForSMTP of a UTF-8 local part = %v, %v, want true, nil", utf8, err)
	}
}

func TestRolesAndFreeMailAreTold(t *testing.T) {
	if !address.Role("Info@firm.example") || address.Role("dana@firm.example") {
		t.Error("info is a role, dana is a person")
	}
	if !address.FreeMail("x@GMX.de") || address.FreeMail("x@firm.example") {
		t.Error("gmx.de is free mail, firm.example is not")
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("a@b.co")
	f.Add("a\r\nRCPT TO:<x@y.z>@b.co")
	f.Add("用户@例子.example")
	f.Fuzz(func(t *testing.T, s string) {
		smtp, _, err := address.ForSMTP(s)
		if err != nil {
			return
		}
		if strings.ContainsAny(smtp, "\r\n <>\"\\,;:()[]\x00\u2028\u2029\u0085") || strings.Count(smtp, "@") != 1 {
			t.Errorf("ForSMTP(%q) let %q through", s, smtp)
		}
		if err := address.Check(smtp); err != nil {
			t.Errorf("its own form %q of %q is refused: %v", smtp, s, err)
		}
	})
}

func TestACompanyIsItsRegistrableDomain(t *testing.T) {
	for email, want := range map[string]string{
		"Ana@Sales.Acme.example": "acme.example", "bo@acme.co.uk": "acme.co.uk",
		"cy@gmail.com": "", "no address": "", "x@co.uk": "",
	} {
		if got := address.Company(email); got != want {
			t.Errorf("Company(%q) = %q, want %q", email, got, want)
		}
	}
}

func FuzzAPlainDomainIsWhatIDNAMakesOfIt(f *testing.F) {
	for _, domain := range []string{"acme.example", "a-b.co.uk", "xn--mller-kva.example", "-a.example", "a-.example", "ab--c.example", "1.2.3.4", "a..b", "ACME.example"} {
		f.Add(domain)
	}
	f.Fuzz(func(t *testing.T, domain string) {
		got, _, err := address.ForSMTP("x@" + domain)
		if err != nil {
			return
		}
		want, err := idna.Lookup.ToASCII(domain)
		if err != nil || got != "x@"+want {
			t.Errorf("%q became %q; IDNA says %q, %v", domain, got, want, err)
		}
	})
}
