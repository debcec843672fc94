package inbound

import (
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
)

func TestAHeaderIsReadLeniently(t *testing.T) {
	h := parseHeader([]byte("From x@y Mon Jan  5\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n =?iso-8859-1?q?_aus_K=F6ln?=\r\n" +
		"no field at all\r\n folded below no field\r\nReferences: <a@x>,<b@x>\r\n\t<c@x>\r\nIn-Reply-To: <c@x>\r\n\r\nSubject: body"))
	if got, want := h.text("Subject"), "Grüße aus Köln"; got != want {
		t.Errorf("subject %q, want %q", got, want)
	}
	if diff := cmp.Diff([]string{"<a@x>", "<b@x>", "<c@x>"}, h.thread()); diff != "" {
		t.Error(diff)
	}
}

func TestAFieldFoldedWithoutEndTakesBoundedMemory(t *testing.T) {
	raw := []byte("X-Long: a" + strings.Repeat("\r\n b", maxHeader/4) + "\r\nSubject: never read\r\n\r\n")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	h := parseHeader(raw)
	runtime.ReadMemStats(&after)
	if got := h.get("X-Long"); !strings.HasPrefix(got, "a b b b") {
		t.Errorf("the field begins with %.20q", got)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
		t.Errorf("a header of %d KiB took %d MB", maxHeader>>10, used>>20)
	}
}

func TestAddressesAreFoundInFieldsThatRFC5322Refuses(t *testing.T) {
	cases := map[string]outreach.Address{
		`Ana <ana@acme.example>`:                       {Name: "Ana", Email: "ana@acme.example"},
		`=?utf-8?q?J=C3=BCrgen?= <j@acme.example>`:     {Name: "Jürgen", Email: "j@acme.example"},
		`"boss@acme.example" Smith <eve@evil.example>`: {Name: "boss@acme.example Smith", Email: "eve@evil.example"},
		`boss@acme.example <eve@evil.example>`:         {Email: "eve@evil.example"},
		`Müller, Hans [Acme] <hans@acme.example>`:      {Email: "hans@acme.example"},
		`undisclosed`: {},
		``:            {},
		"=?bad-charset?q?x?= <nul\x00@acme.example>": {Email: "nul@acme.example"},
	}
	for value, want := range cases {
		got := header{"From": {value}}.address("From")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", value, diff)
		}
	}
}

func TestCopiesOfOneMessageHaveOneKey(t *testing.T) {
	const mail = "Message-ID: <1@a>\r\nDate: Mon, 3 Mar 2031 09:00:00 +0000\r\nFrom: a@b.example\r\nSubject: hello\r\n"
	plain := parseHeader([]byte(mail)).contentKey()
	if filtered := parseHeader([]byte("X-Spam: yes\r\nReceived: again\r\n" + mail)).contentKey(); filtered != plain {
		t.Error("a filter's header made it another message")
	}
	if other := parseHeader([]byte(strings.Replace(mail, "hello", "hello!", 1))).contentKey(); other == plain {
		t.Error("another subject is the same message")
	}
}

func TestMachinesAreToldFromPeopleByTheirHeader(t *testing.T) {
	cases := []struct {
		header string
		want   bool
	}{
		{"From: ana@acme.example", false},
		{"From: ana@acme.example\nAuto-Submitted: no", false},
		{"From: ana@acme.example\nPrecedence: bulk", false}, // a gateway writes it on people's mail
		{"From: ana@acme.example\nAuto-Submitted: auto-replied", true},
		{"From: Mail Delivery <MAILER-DAEMON@mx.example>", true},
		{"From: x@mx.example\nContent-Type: multipart/report; report-type=feedback-report", true},
		{"From: x@mx.example\nReturn-Path: <>", true},
		{"Subject: from nobody", true},
	}
	for _, c := range cases {
		h := parseHeader([]byte(c.header))
		if got := machine(h, h.address("From").Email); got != c.want {
			t.Errorf("%q: machine = %v", c.header, got)
		}
	}
}

func TestFreeMailIsNoCompany(t *testing.T) {
	cases := map[string]string{
		"ana@mail.acme.co.uk": "acme.co.uk", "ana@acme.example": "acme.example",
		"ana@gmail.com": "", "ana@localhost": "", "": "", "ana@com": "",
	}
	for email, want := range cases {
		if got := company(email); got != want {
			t.Errorf("company(%q) = %q, want %q", email, got, want)
		}
	}
}

func FuzzLook(f *testing.F) {
	f.Add([]byte("From: a@b.example\r\nSubject: =?utf-8?b?//8=?=\r\n\r\n"))
	f.Add([]byte(":\r\n \r\n\tx:\x00\xff\r\nFrom: <<>>@@"))
	none := func(string) []string { return nil }
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := look(outreach.MailHeader{Raw: raw}, none)
		for _, text := range []string{s.from.Name, s.from.Email, s.subject, s.id} {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || utf8.RuneCountInString(text) > maxLine {
				t.Errorf("Postgres would refuse %q", text)
			}
		}
	})
}
