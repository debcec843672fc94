package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"drumbeat/internal/outreach"
	"drumbeat/internal/signature"
)

// shortestSecret in characters: below it a token could be guessed.
const shortestSecret = 16

// check finds what parses but cannot work. No sentence quotes a secret.
func (c *Config) check() []*outreach.Problem {
	var problems []*outreach.Problem
	for _, p := range []*outreach.Problem{
		checkRedisURL(c.RedisURL), checkListen(c.Listen), checkPublicListen(c.PublicListen),
		checkBaseURL(c.BaseURL), checkSecret(c.Secret), c.checkLLM(), checkHookSecret(c.HookSecret),
	} {
		if p != nil {
			problems = append(problems, p)
		}
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	return problems
}

func checkRedisURL(value string) *outreach.Problem {
	if value == "" {
		return nil
	}
	if _, err := goredis.ParseURL(value); err == nil {
		return nil
	}
	return &outreach.Problem{
		Code:   "REDIS_URL_INVALID",
		Detail: "REDIS_URL is not a Redis URL",
		Fix:    "write it as redis://:password@host:6379/0, rediss://... for TLS, or unix:///path/to/socket",
	}
}

func checkListen(value string) *outreach.Problem {
	host, _, err := net.SplitHostPort(value)
	if err != nil {
		return badAddress("DRUMBEAT_LISTEN", value)
	}
	if isLoopback(host) {
		return nil
	}
	return &outreach.Problem{
		Code:   "LISTEN_NOT_LOOPBACK",
		Detail: fmt.Sprintf("DRUMBEAT_LISTEN is %s, but the pages have no login and show every lead", value),
		Fix:    "set it to 127.0.0.1:8080 and come in by a tunnel: ssh -L 8080:127.0.0.1:8080 host",
	}
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func checkPublicListen(value string) *outreach.Problem {
	if _, _, err := net.SplitHostPort(value); err != nil {
		return badAddress("DRUMBEAT_PUBLIC_LISTEN", value)
	}
	return nil
}

func badAddress(name, value string) *outreach.Problem {
	return &outreach.Problem{
		Code:   "LISTEN_INVALID",
		Detail: fmt.Sprintf("%s is %q, which is not host:port", name, value),
		Fix:    "write it as 127.0.0.1:8081, an IPv6 address in brackets: [::1]:8081",
	}
}

// checkBaseURL asks for https: RFC 8058, section 3.1 wants it for one-click
// unsubscribe. Plain http is for trying things out on this machine.
func checkBaseURL(value string) *outreach.Problem {
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err == nil && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" &&
		(u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())) {
		return nil
	}
	return &outreach.Problem{
		Code:   "BASE_URL_INVALID",
		Detail: fmt.Sprintf("DRUMBEAT_BASE_URL is %q, which is not the https address of a server", value),
		Fix:    "write it as https://mail.ours.example, the public address of DRUMBEAT_PUBLIC_LISTEN",
	}
}

func checkSecret(value string) *outreach.Problem {
	if value == "" || len(value) >= shortestSecret {
		return nil
	}
	return &outreach.Problem{
		Code:   "SECRET_SHORT",
		Detail: fmt.Sprintf("DRUMBEAT_SECRET has fewer than %d characters", shortestSecret),
		Fix:    "make one: openssl rand -hex 32",
	}
}

// checkHookSecret holds that others' requests can be told from anybody's.
func checkHookSecret(value string) *outreach.Problem {
	if value == "" {
		return nil
	}
	if key, err := signature.Key(value); err == nil && len(key) >= shortestSecret {
		return nil
	}
	return &outreach.Problem{
		Code:   "HOOK_SECRET_WEAK",
		Detail: fmt.Sprintf("DRUMBEAT_HOOK_SECRET has fewer than %d characters, or is no base64 behind whsec_", shortestSecret),
		Fix:    "make one: openssl rand -hex 32",
	}
}

// Warnings are sentences about settings that work but should not stay as they are
// where real mail goes out.
func (c Config) Warnings() []string {
	var all []string
	if c.DatabaseURL != "" && c.Secret == "" {
		all = append(all, "DATABASE_URL is set but DRUMBEAT_SECRET is not: each machine signs unsubscribe links with a key of its own, "+
			"and the others refuse them (make one for all: openssl rand -hex 32)")
	}
	if c.BaseURL == "" {
		all = append(all, "DRUMBEAT_BASE_URL is not set: mails carry only the mailto form of List-Unsubscribe, which is not one click")
	}
	if c.WebhookLoopback {
		all = append(all, "DRUMBEAT_WEBHOOK_LOOPBACK is set: webhook steps may reach what listens on this machine; leave it out where real mail goes out")
	}
	return all
}

// combine makes one problem of several.
func combine(problems []*outreach.Problem) error {
	switch len(problems) {
	case 0:
		return nil
	case 1:
		return problems[0]
	}
	var details, fixes []string
	for _, p := range problems {
		details = append(details, p.Error())
		fixes = append(fixes, p.Code+": "+p.Fix)
	}
	return &outreach.Problem{Code: "CONFIG_INVALID", Detail: strings.Join(details, "\n"), Fix: strings.Join(fixes, "\n")}
}
