package leadfile_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/leadfile"
	"drumbeat/internal/outreach"
)

func validZone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil
}

// read gives the good leads and, by line, the reasons of the others.
func read(t *testing.T, file string) ([]outreach.Lead, map[int]string) {
	t.Helper()
	r, err := leadfile.NewReader(strings.NewReader(file), validZone)
	if err != nil {
		t.Fatal(err)
	}
	var leads []outreach.Lead
	refused := make(map[int]string)
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return leads, refused
		}
		if err != nil {
			t.Fatal(err)
		}
		if row.Refused != nil {
			refused[row.Line] = row.Refused.String()
			continue
		}
		leads = append(leads, row.Lead)
	}
}

func TestAColumnIsNamedAsTemplatesCanWriteIt(t *testing.T) {
	leads, _ := read(t, "email,Größe,Número de teléfono,Ansprech-Partner,Ønske,Ville\u0301\na@acme.example,1,2,3,4,5\n")
	want := map[string]string{"grosse": "1", "numero_de_telefono": "2", "ansprech_partner": "3", "onske": "4", "ville": "5"}
	if len(leads) != 1 || !cmp.Equal(want, leads[0].Custom) {
		t.Errorf("the columns are %v", leads)
	}
}

func TestTheSameLeadsComeOutOfEveryWayToWriteThem(t *testing.T) {
	want := []outreach.Lead{
		{Email: "jos@acme.example", FirstName: "José", Company: "Acme, Inc; \"West\"", Country: "ES", Custom: map[string]string{"seats": "40"}},
		{Email: "b@acme.example", FirstName: "Ann Marie", Custom: map[string]string{}},
	}
	rows := "jos@acme.example,José,\"Acme, Inc; \"\"West\"\"\",es,40\nb@acme.example,\"Ann\n Marie\",,,\n"
	for name, file := range map[string]string{
		"comma":          "email,first_name,company,country,Seats\n" + rows,
		"semicolon":      "E-Mail;First Name;Company;COUNTRY;seats\njos@acme.example;José;\"Acme, Inc; \"\"West\"\"\";ES;40\nb@acme.example;Ann Marie;;;\n",
		"tab":            "email\tfirstname\tcompany\tcountry\tseats\njos@acme.example\tJosé\t\"Acme, Inc; \"\"West\"\"\"\tES\t40\nb@acme.example\t Ann   Marie \n",
		"byte order":     "\ufeffemail,first_name,company,country,seats\n" + rows,
		"windows-1252":   "email,first_name,company,country,seats\n" + strings.ReplaceAll(rows, "é", "\xe9"),
		"windows lines":  "email,first_name,company,country,seats\r\n" + strings.ReplaceAll(rows, "\n", "\r\n"),
		"sep line":       "sep=;\nemail;first_name;company;country;seats\njos@acme.example;José;\"Acme, Inc; \"\"West\"\"\";es;40\nb@acme.example;Ann Marie\n",
		"no last end":    "email,first_name,company,country,seats\n" + strings.TrimSuffix(rows, "\n"),
		"blank rows":     "email,first_name,company,country,seats\n\n" + strings.Replace(rows, "40\n", "40\n,,,,\n", 1),
		"unnamed column": "email,first_name,company,country,seats,\n" + strings.ReplaceAll(rows, "40\n", "40,\n"),
	} {
		t.Run(name, func(t *testing.T) {
			got, refused := read(t, file)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("leads (-want +got):\n%s", diff)
			}
			if len(refused) > 0 {
				t.Errorf("refused: %v", refused)
			}
		})
	}
}

func TestABadRowIsRefusedWithItsLineAndTheRestIsRead(t *testing.T) {
	file := strings.Join([]string{
		"email,first_name,timezone,notes",
		"a@acme.example,Ann,Europe/Berlin,fine",
		",Bob,,no address",
		"not an address,Cem,,",
		"d@acme.example,Dan,Mars/Olympus,",
		"e@acme.example,Eve,,x,surplus",
		"f@acme.example,Fay\x00,,",
		"g@acme.example,\"Gil,,a quote that nobody closes",
		"h@acme.example,Hal,,",
		"i@acme.example," + strings.Repeat("x", 501) + ",,",
		"j@acme.example," + strings.Repeat("y", 70_000) + ",,",
		"z@acme.example,\"Zoe\",,\"last\"",
	}, "\n")
	leads, refused := read(t, file)
	var got []string
	for _, lead := range leads {
		got = append(got, lead.Email)
	}
	if diff := cmp.Diff([]string{"a@acme.example", "h@acme.example", "z@acme.example"}, got); diff != "" {
		t.Errorf("good rows (-want +got):\n%s", diff)
	}
	want := map[int]string{
		3:  "no_email",
		4:  "bad_address: no @",
		5:  `bad_timezone: "Mars/Olympus" is not an IANA zone such as Europe/Berlin`,
		6:  "too_many_columns: column 5 is filled, the header row does not name it",
		7:  "control_character: first_name holds the character U+0000",
		8:  "quote_never_closed: a quote is opened and never closed",
		10: "too_long: first_name is longer than 500 characters",
		11: "too_long: the line is longer than 64 KiB",
	}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}

func TestAFileThatIsNoListOfLeadsSaysWhy(t *testing.T) {
	for file, want := range map[string]string{
		"":                          "EMPTY_FILE",
		"sep=;":                     "EMPTY_FILE",
		"name,company\nx,y":         "NO_EMAIL_COLUMN",
		"email,Email\na@b.co,":      "DUPLICATE_COLUMN",
		"PK\x03\x04...":             "NOT_CSV",
		"\xff\xfee\x00":             "NOT_CSV",
		strings.Repeat("x", 70_000): "NOT_CSV",
		"\"email,x\na@b.co,y":       "BAD_HEADER",
	} {
		_, err := leadfile.NewReader(strings.NewReader(file), validZone)
		var problem *outreach.Problem
		if !errors.As(err, &problem) || problem.Code != want {
			t.Errorf("NewReader(%.20q) = %v, want %s", file, err, want)
		}
	}
}

func TestARowThatBreaksThePromiseOfTheByteOrderMarkIsRefused(t *testing.T) {
	_, refused := read(t, "\ufeffemail,first_name\na@acme.example,Jos\xe9\n")
	if diff := cmp.Diff(map[int]string{2: "not_utf8: the file says it is UTF-8, this row is not"}, refused); diff != "" {
		t.Error(diff)
	}
}

func TestARejectsFileCanBeMendedAndImportedAgain(t *testing.T) {
	r, err := leadfile.NewReader(strings.NewReader("email,phone\nbroken,+49 30 1\n"), validZone)
	if err != nil {
		t.Fatal(err)
	}
	row, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	w := leadfile.NewWriter(&b)
	if err := errors.Join(w.WriteRejectsHeader(r.Columns()), w.WriteRefused(row, *row.Refused), w.Flush()); err != nil {
		t.Fatal(err)
	}
	want := "rejected_line,rejected_reason,email,phone\n2,bad_address: no @,broken,'+49 30 1\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("rejects file (-want +got):\n%s", diff)
	}
	got, _ := read(t, strings.Replace(b.String(), "broken", "mended@acme.example", 1))
	mended := []outreach.Lead{{Email: "mended@acme.example", Phone: "+49 30 1", Custom: map[string]string{}}}
	if diff := cmp.Diff(mended, got); diff != "" {
		t.Errorf("mended (-want +got):\n%s", diff)
	}
}

func FuzzReader(f *testing.F) {
	f.Add("email,first_name\na@b.co,Ann\n")
	f.Add("\ufeffemail;x\n\"a@b.co\";\"open\n\n;\n")
	f.Add("sep=\t\nemail\tnotes\na@b.co\t\"x\"\"y\"z\r\n")
	f.Fuzz(func(t *testing.T, file string) {
		r, err := leadfile.NewReader(strings.NewReader(file), validZone)
		if err != nil {
			return
		}
		for last := 0; ; {
			row, err := r.Next()
			if err != nil {
				return
			}
			if row.Line <= last {
				t.Fatalf("line %d comes after line %d", row.Line, last)
			}
			last = row.Line
			checkClean(t, row)
		}
	})
}

func checkClean(t *testing.T, row leadfile.Row) {
	if row.Refused != nil {
		return
	}
	values := []string{row.Lead.Email, row.Lead.FirstName, row.Lead.Company}
	for _, value := range row.Lead.Custom {
		values = append(values, value)
	}
	for _, value := range values {
		if strings.ContainsAny(value, "\r\n\x00\u2028\u2029\u0085") {
			t.Errorf("line %d: %q would break a header", row.Line, value)
		}
	}
}
