// Package config reads Drumbeat's settings from the environment: every variable
// with its default, what it means and what is refused. What a team reviews in git
// (sequences, templates, mailboxes) is not here but in files.
package config

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"drumbeat/internal/outreach"
)

// Config is what the environment says. The tag secret marks what is never shown;
// such a variable may also come as NAME_FILE, the path of a file that holds it.
type Config struct {
	// DatabaseURL is the Postgres that holds the truth. Empty: an embedded one.
	DatabaseURL string `env:"DATABASE_URL" secret:"true"`

	// RedisURL is the Redis that rings the bells (redis://, rediss://, unix://).
	// Empty: an embedded one. It must not evict: maxmemory-policy noeviction.
	RedisURL string `env:"REDIS_URL" secret:"true"`

	// PGBinDir holds initdb and postgres for the embedded Postgres. Empty: search.
	PGBinDir string `env:"PG_BINDIR"`

	// StateDir holds the embedded servers' data, the signing secret, the spool of
	// accepted mails and the mark by which a restored database is seen.
	// Empty: /var/lib/drumbeat for root, else $XDG_STATE_HOME/drumbeat.
	StateDir string `env:"DRUMBEAT_STATE_DIR"`

	// SequencesDir holds the team's sequences, mailboxes.yaml and what belongs to
	// them. Empty: the shipped ones.
	SequencesDir string `env:"DRUMBEAT_SEQUENCES_DIR"`

	// TemplatesDir holds templates that lie over the shipped ones, file by file.
	TemplatesDir string `env:"DRUMBEAT_TEMPLATES_DIR"`

	// Listen is where the pages are. They have no login yet, so only the loopback
	// address is taken.
	Listen string `env:"DRUMBEAT_LISTEN" envDefault:"127.0.0.1:8080"`

	// PublicListen is where unsubscribe links, callbacks and health checks arrive;
	// a proxy with TLS stands before it.
	PublicListen string `env:"DRUMBEAT_PUBLIC_LISTEN" envDefault:"127.0.0.1:8081"`

	// BaseURL is the public address of PublicListen, https. Empty: mails carry only
	// the mailto form of List-Unsubscribe.
	BaseURL string `env:"DRUMBEAT_BASE_URL"`

	// Secret signs the tokens in Message-IDs and unsubscribe links; at least 16
	// characters. When it changes, links in mails already sent stop working.
	// Empty: one is made and kept in the state directory, which other machines do not
	// share.
	Secret string `env:"DRUMBEAT_SECRET" secret:"true"`

	// Model is a file of "reply train" that decides in place of the shipped model: what
	// reps have corrected is learnt from there. Read at the start. Empty: the shipped one.
	Model string `env:"DRUMBEAT_MODEL"`

	// LLMURL is an OpenAI-compatible endpoint (https://host/v1) that is asked about
	// replies which the shipped model is not sure of. What leads wrote goes there.
	// Empty: nobody is asked, a person decides.
	LLMURL string `env:"DRUMBEAT_LLM_URL"`

	// LLMModel is the model that is asked for there.
	LLMModel string `env:"DRUMBEAT_LLM_MODEL"`

	// LLMKey is sent as a bearer token. Empty: none.
	LLMKey string `env:"DRUMBEAT_LLM_API_KEY" secret:"true"`

	// LLMTimeout is how long one answer is waited for; a later one is none. At most
	// 30s, so that a message is done before another process takes it up.
	LLMTimeout time.Duration `env:"DRUMBEAT_LLM_TIMEOUT" envDefault:"10s"`

	// HookSecret is the key with which others sign their requests to /hooks, such as
	// that somebody has booked a meeting; at least 16 characters. Empty: there are no
	// hooks.
	HookSecret string `env:"DRUMBEAT_HOOK_SECRET" secret:"true"`

	// WebhookLoopback lets webhook steps go to this machine, over http too: for
	// development. Other private addresses are refused all the same.
	WebhookLoopback bool `env:"DRUMBEAT_WEBHOOK_LOOPBACK"`

	// Log is the least level that is logged: debug, info, warn or error.
	Log slog.Level `env:"DRUMBEAT_LOG" envDefault:"info"`

	sources map[string]Source // of what is not a default
}

// Source tells where a value comes from.
type Source string

const (
	FromDefault     Source = "default"
	FromEnvironment Source = "environment"
	FromFile        Source = "file"
)

// Load reads the settings from an environment in the form of os.Environ. Its error
// is an *outreach.Problem that names everything that is wrong at once.
func Load(environ []string) (Config, error) {
	vars := env.ToMap(environ)
	cfg := Config{sources: map[string]Source{}}
	problems := cfg.readSecretFiles(vars)
	// An empty variable is an unset one: compose files and .env files make such.
	for name, value := range vars {
		if value == "" {
			delete(vars, name)
		} else if cfg.sources[name] == "" {
			cfg.sources[name] = FromEnvironment
		}
	}
	err := env.ParseWithOptions(&cfg, env.Options{Environment: vars})
	problems = append(problems, parseProblems(err)...)
	if len(problems) == 0 {
		problems = cfg.check()
	}
	return cfg, combine(problems)
}

// readSecretFiles replaces each NAME_FILE by NAME with the file's content.
func (c *Config) readSecretFiles(vars map[string]string) []*outreach.Problem {
	var problems []*outreach.Problem
	for _, field := range fields() {
		path := vars[field.name+"_FILE"]
		if !field.secret || path == "" {
			continue
		}
		if vars[field.name] != "" {
			problems = append(problems, &outreach.Problem{
				Code: "SECRET_TWICE", Detail: field.name + " and " + field.name + "_FILE are both set", Fix: "keep one of them"})
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			problems = append(problems, unreadable(field.name+"_FILE", err))
			continue
		}
		vars[field.name] = strings.TrimRight(string(content), "\r\n")
		if vars[field.name] == "" { // and not "unset": who names a file means it
			problems = append(problems, &outreach.Problem{
				Code: "SECRET_FILE", Detail: field.name + "_FILE names a file that is empty", Fix: "write the value into it, or leave the variable out"})
			continue
		}
		c.sources[field.name] = FromFile
	}
	return problems
}

func unreadable(name string, err error) *outreach.Problem {
	p := &outreach.Problem{Code: "SECRET_FILE", Detail: name + " names a file that cannot be read", Fix: "check the path", Err: err}
	if errors.Is(err, fs.ErrPermission) {
		p.Fix = "let this user read the file"
	}
	return p
}

// parseProblems turns the library's errors, which come in a bundle, into ours.
func parseProblems(err error) []*outreach.Problem {
	if err == nil {
		return nil
	}
	var all env.AggregateError
	if !errors.As(err, &all) {
		all.Errors = []error{err}
	}
	var problems []*outreach.Problem
	for _, err := range all.Errors {
		p := &outreach.Problem{Code: "SETTING_INVALID", Detail: "a setting cannot be read", Fix: "see .env.example", Err: err}
		var parse env.ParseError
		if errors.As(err, &parse) {
			switch parse.Name {
			case "Log":
				p = &outreach.Problem{Code: "LOG_LEVEL", Detail: "DRUMBEAT_LOG is not a level", Fix: "set it to debug, info, warn or error"}
			case "LLMTimeout":
				p = badLLMTimeout()
			case "WebhookLoopback":
				p = &outreach.Problem{Code: "WEBHOOK_LOOPBACK", Detail: "DRUMBEAT_WEBHOOK_LOOPBACK is neither true nor false", Fix: "write true, or leave it out"}
			}
		}
		problems = append(problems, p)
	}
	return problems
}
