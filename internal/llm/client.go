package llm

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"drumbeat/internal/classify"
	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// Account is whom to ask, and as whom.
type Account struct {
	URL     string // up to and without /chat/completions
	Model   string
	Key     string        // sent as a bearer token; empty: none
	Timeout time.Duration // of one question, in machine time; 0: 10 s
}

// LogValue keeps the key out of every log.
func (a Account) LogValue() slog.Value {
	return slog.GroupValue(slog.String("url", a.URL), slog.String("model", a.Model))
}

// The ways in which a question comes to nothing. None says what was asked.
var (
	ErrTimeout     = errors.New("llm: no answer in time")
	ErrUnreachable = errors.New("llm: cannot be reached")
	ErrRefused     = errors.New("llm: refused")
	ErrAnswer      = errors.New("llm: the answer does not fit the schema")
	ErrResting     = errors.New("llm: resting after failures")
)

const (
	defaultTimeout = 10 * time.Second
	maxAnswer      = 64 << 10 // of a response, in bytes
	restAfter      = 3        // failures in a row
	rest           = time.Minute
)

// Client asks one model. It is safe for concurrent use.
type Client struct {
	account Account
	http    *http.Client

	mu       sync.Mutex
	failures int       // in a row
	until    time.Time // nobody is asked before; machine time
}

// New gives a client; nothing is asked yet.
func New(account Account) *Client {
	if account.Timeout <= 0 {
		account.Timeout = defaultTimeout
	}
	account.URL = strings.TrimRight(account.URL, "/")
	return &Client{account: account, http: &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
			MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute,
		},
		// The key goes to the endpoint that the operator named and to no other.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Advise asks what a reply means. After a few failures in a row it answers
// ErrResting for a minute, so that an endpoint that is down holds up no mail.
func (c *Client) Advise(ctx context.Context, in classify.Input) (outreach.Advice, error) {
	if c.resting() {
		return outreach.Advice{}, ErrResting
	}
	advice, err := c.ask(ctx, in)
	if ctx.Err() == nil {
		c.count(err)
	}
	return advice, err
}

func (c *Client) ask(ctx context.Context, in classify.Input) (outreach.Advice, error) {
	ctx, cancel := context.WithTimeout(ctx, c.account.Timeout)
	defer cancel()
	body, err := json.Marshal(c.question(in))
	if err != nil {
		return outreach.Advice{}, fmt.Errorf("llm: write the question: %w", err)
	}
	answer, err := c.post(ctx, body)
	if err != nil {
		return outreach.Advice{}, err
	}
	advice, ok := checked(answer, in)
	if !ok {
		return outreach.Advice{}, ErrAnswer
	}
	advice.Model = c.account.Model
	return advice, nil
}

// post sends a question and gives what the model said.
func (c *Client) post(ctx context.Context, body []byte) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.account.URL+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return "", ErrUnreachable
	}
	request.Header.Set("Content-Type", "application/json")
	if c.account.Key != "" {
		request.Header.Set("Authorization", "Bearer "+c.account.Key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return "", failure(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%w with status %d", ErrRefused, response.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return "", failure(ctx, err)
	}
	var said struct {
		Choices []struct {
			Message struct{ Content string }
		}
	}
	if json.Unmarshal(raw, &said) != nil || len(said.Choices) == 0 {
		return "", ErrAnswer
	}
	return said.Choices[0].Message.Content, nil
}

// failure tells a late answer from none, and drops the address and whatever else
// the error of net/http repeats.
func failure(ctx context.Context, err error) error {
	var asked *url.Error
	if errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.As(err, &asked) && asked.Timeout() {
		return ErrTimeout
	}
	return ErrUnreachable
}

func (c *Client) resting() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return clock.Machine{}.Now().Before(c.until)
}

// count notes how a question ended. An answer that does not fit is the model's
// fault, not the endpoint's.
func (c *Client) count(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil || errors.Is(err, ErrAnswer) {
		c.failures = 0
		return
	}
	if c.failures++; c.failures >= restAfter {
		c.failures, c.until = 0, clock.Machine{}.Now().Add(rest)
	}
}
