package config

import (
	"net/url"
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// longestLLMTimeout is well under the minute for which a message is left to the
// process that began it.
const longestLLMTimeout = 30 * time.Second

// checkLLM finds what is wrong with the endpoint for second opinions.
func (c *Config) checkLLM() *outreach.Problem {
	switch {
	case c.LLMTimeout < 100*time.Millisecond || c.LLMTimeout > longestLLMTimeout:
		return badLLMTimeout()
	case c.LLMURL == "" && c.LLMModel == "" && c.LLMKey == "":
		return nil
	case c.LLMURL == "" || c.LLMModel == "":
		return &outreach.Problem{Code: "LLM_INCOMPLETE", Detail: "DRUMBEAT_LLM_URL and DRUMBEAT_LLM_MODEL belong together, and one is missing",
			Fix: "set both, or none of DRUMBEAT_LLM_URL, DRUMBEAT_LLM_MODEL and DRUMBEAT_LLM_API_KEY"}
	case !privateEnough(c.LLMURL):
		return &outreach.Problem{Code: "LLM_URL_INVALID", Detail: "DRUMBEAT_LLM_URL is not the https address of an endpoint; it would carry what leads wrote",
			Fix: "write it as https://llm.ours.example/v1; plain http is for this machine (http://127.0.0.1:11434/v1) and for a host " +
				"of the compose network (a name without a dot)"}
	}
	c.LLMURL = strings.TrimRight(c.LLMURL, "/")
	return nil
}

// privateEnough tells whether what leads wrote may be sent there: encrypted, or
// without leaving this machine or the container's network.
func privateEnough(value string) bool {
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	near := isLoopback(u.Hostname()) || !strings.ContainsAny(u.Hostname(), ".:")
	return u.Scheme == "https" || u.Scheme == "http" && near
}

func badLLMTimeout() *outreach.Problem {
	return &outreach.Problem{Code: "LLM_TIMEOUT_INVALID", Detail: "DRUMBEAT_LLM_TIMEOUT is not a time between 100ms and 30s", Fix: "write it as 10s"}
}
