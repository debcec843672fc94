package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

const (
	// maxAnswer is how much of an answer is read: enough to keep the connection
	// for the next request. Nothing of it is kept.
	maxAnswer = 64 << 10
	// longestTimeout bounds a whole request, whatever the sequence says.
	longestTimeout = 10 * time.Second
	// longestRetryAfter bounds what a receiver may ask for.
	longestRetryAfter = 24 * time.Hour
)

// Options of a Client. The zero value is good for a service.
type Options struct {
	// Loopback lets requests go to this machine, over http too. For development
	// and tests.
	Loopback bool
	Resolver Resolver // nil: the machine's
}

// Client makes requests.
type Client struct {
	http     *http.Client
	machine  clock.Machine
	loopback bool
}

// NewClient makes a client. It takes no proxy from the environment: a proxy
// would resolve and dial for us, and look at no address.
func NewClient(o Options) *Client {
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	return newClient(newGate(o.Resolver, o.Loopback))
}

func newClient(g *gate) *Client {
	transport := &http.Transport{
		DialContext: g.dialContext, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: longestTimeout, MaxResponseHeaderBytes: maxAnswer,
		MaxConnsPerHost: 16, MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second,
	}
	return &Client{loopback: g.loopback, http: &http.Client{
		Transport: transport,
		// A redirect would be a second request to somewhere else, with what the first one carried.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close ends the connections that are kept.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Post makes one request and says what became of it. No error of it holds the
// URL, which may hold a secret, or anything that the receiver said but its status.
func (c *Client) Post(ctx context.Context, r outreach.WebhookRequest) outreach.WebhookAnswer {
	began := c.machine.Now()
	answer := c.post(ctx, r)
	answer.Took = c.machine.Since(began)
	return answer
}

func (c *Client) post(ctx context.Context, r outreach.WebhookRequest) outreach.WebhookAnswer {
	timeout := r.Timeout
	if timeout <= 0 || timeout > longestTimeout {
		timeout = longestTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := c.request(ctx, r)
	if err != nil {
		return outreach.WebhookAnswer{Refused: true, Error: sentence(refusal(err))}
	}
	response, err := c.http.Do(request)
	if err != nil {
		return failure(ctx, err)
	}
	defer response.Body.Close()
	// An answer that is cut off is one all the same: the status is what counts.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer))
	return outreach.WebhookAnswer{Status: response.StatusCode, RetryAfter: retryAfter(response)}
}

// request checks what can be checked before anything is looked up.
func (c *Client) request(ctx context.Context, r outreach.WebhookRequest) (*http.Request, error) {
	target, err := url.Parse(r.URL)
	if err != nil {
		return nil, fmt.Errorf("%w: the URL cannot be read", ErrRefused) // the error would quote it
	}
	if err := checkHost(target.Hostname()); err != nil {
		return nil, err
	}
	if target.User != nil {
		return nil, fmt.Errorf("%w: the URL holds a name or a password before its host", ErrRefused)
	}
	if target.Scheme != "https" && !(target.Scheme == "http" && c.loopback && local(target.Hostname())) {
		return nil, fmt.Errorf("%w: only https is spoken", ErrRefused)
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("%w: the method or the URL is not valid", ErrRefused)
	}
	for name, value := range r.Headers {
		request.Header.Set(name, value)
	}
	if len(r.Body) > 0 && request.Header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if request.Header.Get("User-Agent") == "" {
		request.Header.Set("User-Agent", "Drumbeat")
	}
	return request, nil
}

// local tells whether a host is this machine by its very name. What it resolves
// to is still looked at.
func local(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// failure says why no answer came, in words that tell nothing of the URL or of
// what listens there.
func failure(ctx context.Context, err error) outreach.WebhookAnswer {
	var network net.Error
	var lookup *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, ErrRefused):
		return outreach.WebhookAnswer{Refused: true, Error: sentence(refusal(refusedPart(err)))}
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return outreach.WebhookAnswer{Error: "there is no host of that name"}
	case errors.As(err, &lookup):
		return outreach.WebhookAnswer{Error: "the host's name could not be looked up"}
	case errors.As(err, &certificate):
		return outreach.WebhookAnswer{Error: "the host's certificate is not valid"}
	case ctx.Err() != nil || errors.As(err, &network) && network.Timeout():
		return outreach.WebhookAnswer{Error: "no answer in time"}
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return outreach.WebhookAnswer{Error: "the connection ended without an answer"}
	}
	return outreach.WebhookAnswer{Error: "no connection"}
}

// refusedPart is the refusal alone: what net/http wraps around it holds the URL.
func refusedPart(err error) error {
	for {
		if inner := errors.Unwrap(err); inner != nil && errors.Is(inner, ErrRefused) && inner != ErrRefused {
			err = inner
			continue
		}
		return err
	}
}

func sentence(err error) string {
	var problem *outreach.Problem
	if errors.As(err, &problem) {
		return problem.Error() + ". " + problem.Fix
	}
	return err.Error()
}

// retryAfter reads the header of RFC 9110, section 10.2.3, in its form of
// seconds; a date is not worth a second clock.
func retryAfter(r *http.Response) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(r.Header.Get("Retry-After")))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(min(seconds, int(longestRetryAfter/time.Second)))*time.Second, longestRetryAfter)
}
