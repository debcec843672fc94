package signature_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"drumbeat/internal/signature"
)

// The example of the specification's own libraries: whoever verifies with one of
// them verifies us.
func TestTheSignatureIsThatOfTheSpecification(t *testing.T) {
	key, err := signature.Key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := signature.Sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestOnlyWhatWasSignedLatelyWithTheKeyIsBelieved(t *testing.T) {
	now := time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)
	key := []byte("a secret of sixteen")
	good := signature.Signed{ID: "evt-12345678", Timestamp: "1930294800", Body: []byte(`{"email":"ann@acme.example"}`)}
	good.Signature = signature.Sign(key, good.ID, now, good.Body)
	for name, c := range map[string]struct {
		change func(*signature.Signed)
		now    time.Time
		want   error
	}{
		"as it was sent":               {func(*signature.Signed) {}, now, nil},
		"five minutes late":            {func(*signature.Signed) {}, now.Add(5 * time.Minute), nil},
		"later than that":              {func(*signature.Signed) {}, now.Add(5*time.Minute + time.Second), signature.ErrStale},
		"from the future":              {func(*signature.Signed) {}, now.Add(-6 * time.Minute), signature.ErrStale},
		"beside one of an old secret":  {func(s *signature.Signed) { s.Signature = "v1,AAAA v1a,BBBB " + s.Signature }, now, nil},
		"another body":                 {func(s *signature.Signed) { s.Body = []byte(`{"email":"bob@acme.example"}`) }, now, signature.ErrMismatch},
		"another id":                   {func(s *signature.Signed) { s.ID = "evt-12345679" }, now, signature.ErrMismatch},
		"another time":                 {func(s *signature.Signed) { s.Timestamp = "1930294801" }, now, signature.ErrMismatch},
		"no signature":                 {func(s *signature.Signed) { s.Signature = "" }, now, signature.ErrMissing},
		"an empty signature":           {func(s *signature.Signed) { s.Signature = "v1," }, now, signature.ErrMismatch},
		"no timestamp":                 {func(s *signature.Signed) { s.Timestamp = "" }, now, signature.ErrMissing},
		"a timestamp with a fraction":  {func(s *signature.Signed) { s.Timestamp += ".5" }, now, signature.ErrMissing},
		"an id with a dot in it":       {func(s *signature.Signed) { s.ID = "evt.12345678" }, now, signature.ErrMissing},
		"an id without an end":         {func(s *signature.Signed) { s.ID = strings.Repeat("a", 129) }, now, signature.ErrMissing},
		"an id that is soon repeated":  {func(s *signature.Signed) { s.ID = "1" }, now, signature.ErrMissing},
		"the signature of another way": {func(s *signature.Signed) { s.Signature = strings.TrimPrefix(s.Signature, "v1,") }, now, signature.ErrMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			request := good
			c.change(&request)
			if err := signature.Verify(key, request, c.now); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	if err := signature.Verify([]byte("another secret"), good, now); !errors.Is(err, signature.ErrMismatch) {
		t.Errorf("another secret: %v", err)
	}
	if err := signature.Verify(nil, good, now); !errors.Is(err, signature.ErrMissing) {
		t.Errorf("no secret at all: %v", err)
	}
}

func TestASecretIsTakenAsItStandsUnlessItIsMarked(t *testing.T) {
	for secret, want := range map[string]string{"plain words": "plain words", "whsec_aGVsbG8=": "hello"} {
		if key, err := signature.Key(secret); err != nil || string(key) != want {
			t.Errorf("%q: %q, %v", secret, key, err)
		}
	}
	for _, secret := range []string{"", "whsec_", "whsec_***"} {
		if _, err := signature.Key(secret); err == nil {
			t.Errorf("%q is taken", secret)
		}
	}
}
