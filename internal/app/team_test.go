package app

import (
	"os"
	"path/filepath"
	"testing"
)

func TestASecretThatIsEmptyIsNotSet(t *testing.T) {
	file, blank := filepath.Join(t.TempDir(), "password"), filepath.Join(t.TempDir(), "blank")
	for path, content := range map[string]string{file: "geheim\n", blank: "\n"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		value, file, want string
	}{
		{"direct", "", "direct"},
		{"", file, "geheim"},
		{"", blank, ""},
		{"", "", ""},
	} {
		t.Setenv("A_PASSWORD", test.value)
		t.Setenv("A_PASSWORD_FILE", test.file)
		if got, ok := secret("A_PASSWORD"); got != test.want || ok != (test.want != "") {
			t.Errorf("%+v: %q, %t", test, got, ok)
		}
	}
}
