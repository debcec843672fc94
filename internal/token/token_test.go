package token_test

import (
	"strings"
	"testing"
	"time"

	"drumbeat/internal/token"
)

var march = time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)

func TestTheSameSendHasTheSameMessageID(t *testing.T) {
	keys := token.NewKeys([]byte("a secret of some length"))
	id := keys.MessageID(march, "step:7:intro", "ours.example")
	if again := keys.MessageID(march, "step:7:intro", "ours.example"); again != id {
		t.Errorf("second %s, first %s", again, id)
	}
	for what, other := range map[string]string{
		"another step":   keys.MessageID(march, "step:7:bump", "ours.example"),
		"another time":   keys.MessageID(march.Add(time.Millisecond), "step:7:intro", "ours.example"),
		"another secret": token.NewKeys([]byte("another secret")).MessageID(march, "step:7:intro", "ours.example"),
	} {
		if other == id {
			t.Errorf("%s has the same id %s", what, id)
		}
	}
	if !strings.HasPrefix(id, "<01") || !strings.HasSuffix(id, "@ours.example>") || strings.ToLower(id) != id {
		t.Errorf("id %s", id)
	}
}

func TestTheTimeInATokenIsSalesTime(t *testing.T) {
	keys := token.NewKeys([]byte("secret"))
	early, late := keys.New(march, "a"), keys.New(march.AddDate(0, 0, 1), "b")
	if early[:10] >= late[:10] {
		t.Errorf("%s is not before %s", early, late)
	}
	if zero := keys.New(time.Time{}, "a"); !strings.HasPrefix(zero, "0000000000") {
		t.Errorf("the zero time gives %s", zero)
	}
}

func TestOnlyOurTokensAreTrusted(t *testing.T) {
	keys := token.NewKeys([]byte("secret"))
	id := keys.MessageID(march, "step:7:intro", "ours.example")
	for what, good := range map[string]string{
		"as sent": id, "the token alone": token.Of(id), "in capitals": strings.ToUpper(id), "another host": token.Of(id) + "@relay.example",
	} {
		if _, ok := keys.Verify(good); !ok {
			t.Errorf("%s: %s is not trusted", what, good)
		}
	}
	tok := token.Of(id)
	for i := range tok {
		forged := tok[:i] + string(flip(tok[i])) + tok[i+1:]
		if _, ok := keys.Verify(forged); ok {
			t.Errorf("%s is trusted, changed at %d", forged, i)
		}
	}
	for _, bad := range []string{"", "<>", "@", tok[:len(tok)-1], tok + "a", "x" + tok, tok + tok} {
		if _, ok := keys.Verify(bad); ok {
			t.Errorf("%q is trusted", bad)
		}
	}
}

func flip(c byte) byte {
	if c == 'a' || c == '2' {
		return c + 1
	}
	if c >= 'a' {
		return 'a'
	}
	return '2'
}

func TestAnOlderSecretIsHonouredWhileItOverlaps(t *testing.T) {
	before := token.NewKeys([]byte("old"))
	id := before.MessageID(march, "step:7:intro", "ours.example")
	during, after := token.NewKeys([]byte("new"), []byte("old")), token.NewKeys([]byte("new"))
	if _, ok := during.Verify(id); !ok {
		t.Error("the old secret is not honoured")
	}
	if _, ok := after.Verify(id); ok {
		t.Error("the old secret is still honoured")
	}
	if during.New(march, "x") != after.New(march, "x") {
		t.Error("the new secret does not sign")
	}
}

func TestTokensAreFoundInQuotesAndLinks(t *testing.T) {
	keys := token.NewKeys([]byte("secret"))
	one, two := keys.New(march, "one"), keys.New(march, "two")
	forged := token.NewKeys([]byte("guess")).New(march, "three")
	text := "> https://ours.example/u/" + one + "\n> Message-ID: <" + strings.ToUpper(two) + "@ours.example>\n> " + forged + "\n" + one
	got := strings.Join(keys.Find(text), " ")
	if want := one + " " + two; got != want {
		t.Errorf("found %s, want %s", got, want)
	}
}

func FuzzNothingMadeUpIsTrusted(f *testing.F) {
	keys := token.NewKeys([]byte("secret"))
	mine := keys.New(march, "one")
	f.Add(mine)
	f.Add("<" + mine + "@ours.example>")
	f.Fuzz(func(t *testing.T, text string) {
		if id, ok := keys.Verify(text); ok && !strings.HasPrefix(mine, id) {
			t.Errorf("%q is trusted", text)
		}
		for _, found := range keys.Find(text) {
			if found != mine {
				t.Errorf("%q was found in %q", found, text)
			}
		}
	})
}
