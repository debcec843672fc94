package config

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
)

func TestWithoutAnySettingTheDefaultsHold(t *testing.T) {
	cfg, err := Load([]string{"HOME=/home/u", "DATABASE_URL=", "DRUMBEAT_LOG="})
	if err != nil {
		t.Fatal(err)
	}
	got := []any{cfg.DatabaseURL, cfg.Listen, cfg.PublicListen, cfg.Log}
	want := []any{"", "127.0.0.1:8080", "127.0.0.1:8081", slog.LevelInfo}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestWhatIsRefused(t *testing.T) {
	for _, c := range []struct{ name, env, code string }{
		{"pages for everyone", "DRUMBEAT_LISTEN=0.0.0.0:8080", "LISTEN_NOT_LOOPBACK"},
		{"pages on every address by leaving the host out", "DRUMBEAT_LISTEN=:8080", "LISTEN_NOT_LOOPBACK"},
		{"pages on a name that may be anywhere", "DRUMBEAT_LISTEN=crm.example:8080", "LISTEN_NOT_LOOPBACK"},
		{"pages without a port", "DRUMBEAT_LISTEN=127.0.0.1", "LISTEN_INVALID"},
		{"public address without a port", "DRUMBEAT_PUBLIC_LISTEN=localhost", "LISTEN_INVALID"},
		{"public URL in the clear", "DRUMBEAT_BASE_URL=http://mail.ours.example", "BASE_URL_INVALID"},
		{"public URL without scheme", "DRUMBEAT_BASE_URL=mail.ours.example", "BASE_URL_INVALID"},
		{"not a Redis URL", "REDIS_URL=localhost:6379", "REDIS_URL_INVALID"},
		{"a guessable secret", "DRUMBEAT_SECRET=hunter2", "SECRET_SHORT"},
		{"a model without an endpoint", "DRUMBEAT_LLM_MODEL=small", "LLM_INCOMPLETE"},
		{"an endpoint without a model", "DRUMBEAT_LLM_URL=https://llm.ours.example/v1", "LLM_INCOMPLETE"},
		{"replies in the clear", "DRUMBEAT_LLM_URL=http://llm.ours.example/v1 DRUMBEAT_LLM_MODEL=small", "LLM_URL_INVALID"},
		{"a password in the endpoint", "DRUMBEAT_LLM_URL=https://u:pw@llm.ours.example/v1 DRUMBEAT_LLM_MODEL=small", "LLM_URL_INVALID"},
		{"patience without end", "DRUMBEAT_LLM_TIMEOUT=10m", "LLM_TIMEOUT_INVALID"},
		{"a time without a unit", "DRUMBEAT_LLM_TIMEOUT=10", "LLM_TIMEOUT_INVALID"},
		{"no such level", "DRUMBEAT_LOG=chatty", "LOG_LEVEL"},
		{"neither yes nor no", "DRUMBEAT_WEBHOOK_LOOPBACK=ja", "WEBHOOK_LOOPBACK"},
		{"no such secret file", "DRUMBEAT_SECRET_FILE=/nowhere/secret", "SECRET_FILE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(strings.Fields(c.env))
			var problem *outreach.Problem
			if !errors.As(err, &problem) || problem.Code != c.code || problem.Fix == "" {
				t.Errorf("Load = %v, want a problem %s with a fix", err, c.code)
			}
		})
	}
}

func TestWhatIsAccepted(t *testing.T) {
	for _, entry := range []string{
		"DRUMBEAT_LISTEN=[::1]:9000", "DRUMBEAT_LISTEN=localhost:0", "DRUMBEAT_PUBLIC_LISTEN=0.0.0.0:8081",
		"DRUMBEAT_BASE_URL=https://mail.ours.example/d/", "DRUMBEAT_BASE_URL=http://127.0.0.1:8081",
		"REDIS_URL=unix:///run/redis.sock", "REDIS_URL=rediss://:pw@redis.example:6380/2", "DRUMBEAT_LOG=DEBUG",
		"DRUMBEAT_LLM_URL=https://llm.ours.example/v1/ DRUMBEAT_LLM_MODEL=small DRUMBEAT_LLM_API_KEY=k DRUMBEAT_LLM_TIMEOUT=5s",
		"DRUMBEAT_LLM_URL=http://ollama:11434/v1 DRUMBEAT_LLM_MODEL=small", "DRUMBEAT_LLM_URL=http://[::1]:1/v1 DRUMBEAT_LLM_MODEL=small",
	} {
		if _, err := Load(strings.Fields(entry)); err != nil {
			t.Errorf("%s is refused: %v", entry, err)
		}
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	_, err := Load([]string{"DRUMBEAT_LISTEN=0.0.0.0:8080", "DRUMBEAT_SECRET=short"})
	var problem *outreach.Problem
	if !errors.As(err, &problem) {
		t.Fatalf("Load = %v, want a problem", err)
	}
	for _, code := range []string{"LISTEN_NOT_LOOPBACK", "SECRET_SHORT"} {
		if !strings.Contains(problem.Fix, code) {
			t.Errorf("the problem does not tell the way out of %s:\n%s", code, problem.Fix)
		}
	}
}

func TestASecretMayComeFromAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(path, []byte("postgres://u:geheim@db/d\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := Load([]string{"DATABASE_URL_FILE=" + path})
	if err != nil || cfg.DatabaseURL != "postgres://u:geheim@db/d" {
		t.Errorf("DatabaseURL = %q, %v; want the file's content without the line's end", cfg.DatabaseURL, err)
	}
	_, err = Load([]string{"DATABASE_URL_FILE=" + path, "DATABASE_URL=postgres://other"})
	var problem *outreach.Problem
	if !errors.As(err, &problem) || problem.Code != "SECRET_TWICE" {
		t.Errorf("both forms at once: %v, want SECRET_TWICE", err)
	}
}

func TestEffectiveShowsValuesAndSourcesButNoSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("geheim-geheim-geheim"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := Load([]string{
		"DATABASE_URL=postgres://dana:geheim@db.example:5432/sales?sslpassword=geheim",
		"REDIS_URL=redis://:geheim@redis.example:6379/0",
		"DRUMBEAT_SECRET_FILE=" + path,
		"DRUMBEAT_SEQUENCES_DIR=/srv/sequences",
		"DRUMBEAT_LLM_URL=https://llm.ours.example/v1/", "DRUMBEAT_LLM_MODEL=small", "DRUMBEAT_LLM_API_KEY=geheim",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []Setting{
		{"DATABASE_URL", "postgres://dana:********@db.example:5432/sales", FromEnvironment},
		{"REDIS_URL", "redis://:********@redis.example:6379/0", FromEnvironment},
		{"PG_BINDIR", "", FromDefault},
		{"DRUMBEAT_STATE_DIR", "", FromDefault},
		{"DRUMBEAT_SEQUENCES_DIR", "/srv/sequences", FromEnvironment},
		{"DRUMBEAT_TEMPLATES_DIR", "", FromDefault},
		{"DRUMBEAT_LISTEN", "127.0.0.1:8080", FromDefault},
		{"DRUMBEAT_PUBLIC_LISTEN", "127.0.0.1:8081", FromDefault},
		{"DRUMBEAT_BASE_URL", "", FromDefault},
		{"DRUMBEAT_SECRET", "********", FromFile},
		{"DRUMBEAT_MODEL", "", FromDefault},
		{"DRUMBEAT_LLM_URL", "https://llm.ours.example/v1", FromEnvironment},
		{"DRUMBEAT_LLM_MODEL", "small", FromEnvironment},
		{"DRUMBEAT_LLM_API_KEY", "********", FromEnvironment},
		{"DRUMBEAT_LLM_TIMEOUT", "10s", FromDefault},
		{"DRUMBEAT_HOOK_SECRET", "", FromDefault},
		{"DRUMBEAT_WEBHOOK_LOOPBACK", "false", FromDefault},
		{"DRUMBEAT_LOG", "INFO", FromDefault},
	}
	if diff := cmp.Diff(want, cfg.Effective()); diff != "" {
		t.Errorf("effective settings (-want +got):\n%s", diff)
	}
}

func TestNoErrorQuotesASecret(t *testing.T) {
	_, err := Load([]string{"REDIS_URL=http://:geheim@x", "DATABASE_URL=postgres://u:geheim@%zz", "DRUMBEAT_SECRET=geheim"})
	if err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("Load = %v; want an error without the secret", err)
	}
}

func TestASlipOfThePenIsListed(t *testing.T) {
	got := Unknown([]string{"DRUMBEAT_SEQUENCE_DIR=x", "DRUMBEAT_LISTEN=y", "DRUMBEAT_SECRET_FILE=z", "DRUMBEAT_TEST_REDIS_URL=", "PATH=/bin"})
	if diff := cmp.Diff([]string{"DRUMBEAT_SEQUENCE_DIR"}, got); diff != "" {
		t.Errorf("unknown variables (-want +got):\n%s", diff)
	}
}

func TestTheSigningKeyIsMadeOnceAndKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	keys := make([]string, 8)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() {
			key, err := Config{}.SigningKey(dir)
			if err != nil || len(key) < shortestSecret {
				t.Errorf("SigningKey = %d bytes, %v", len(key), err)
			}
			keys[i] = string(key)
		})
	}
	all.Wait()
	for _, key := range keys {
		if key != keys[0] {
			t.Fatal("processes that start at once use different keys")
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("the state directory holds %v, %v; want the key alone", files, err)
	}
}

func TestAnEmptySecretSignsNothing(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "secret")
	if err := os.WriteFile(file, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var problem *outreach.Problem
	if _, err := Load([]string{"DRUMBEAT_SECRET_FILE=" + file}); !errors.As(err, &problem) || problem.Code != "SECRET_FILE" || problem.Fix == "" {
		t.Errorf("Load with an empty secret file = %v", err)
	}
	if key, err := (Config{}).SigningKey(dir); !errors.As(err, &problem) || problem.Code != "SECRET_KEPT" {
		t.Errorf("SigningKey = %d bytes, %v", len(key), err)
	}
}

func TestTheGivenSecretIsTheSigningKey(t *testing.T) {
	key, err := Config{Secret: "0123456789abcdef"}.SigningKey("/nowhere")
	if string(key) != "0123456789abcdef" || err != nil {
		t.Errorf("SigningKey = %q, %v; want the secret", key, err)
	}
}

func TestASharedDatabaseWithoutASharedSecretIsWarnedOf(t *testing.T) {
	complete := Config{DatabaseURL: "postgres://db", Secret: "0123456789abcdef", BaseURL: "https://mail.ours.example"}
	if got := complete.Warnings(); len(got) > 0 {
		t.Errorf("warnings of a complete configuration: %v", got)
	}
	lacking := complete
	lacking.Secret, lacking.BaseURL = "", ""
	got := strings.Join(lacking.Warnings(), "\n")
	for _, name := range []string{"DRUMBEAT_SECRET", "DRUMBEAT_BASE_URL"} {
		if !strings.Contains(got, name) {
			t.Errorf("no warning of %s in: %s", name, got)
		}
	}
}

func TestTheLogIsJSONWhereNobodyWatches(t *testing.T) {
	var out bytes.Buffer
	log := Config{Log: slog.LevelWarn}.Logger(&out)
	log.Info("quiet")
	log.Warn("loud")
	if text := out.String(); !strings.HasPrefix(text, "{") || strings.Contains(text, "quiet") || !strings.Contains(text, "loud") {
		t.Errorf("log = %q, want the warning alone, as JSON", text)
	}
}
