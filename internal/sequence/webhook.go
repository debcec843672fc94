package sequence

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"drumbeat/internal/render"
	"drumbeat/internal/schedule"
	"drumbeat/internal/strictyaml"
)

// Webhook is a call to another service. ${NAME} in URL, Headers and Secret stands
// for an environment variable, which is read when the call is made and never
// stored.
type Webhook struct {
	URL      string            `json:"url"`
	Method   string            `json:"method"`            // POST, PUT, PATCH or DELETE
	Headers  map[string]string `json:"headers,omitempty"` // names as written; values without Liquid
	Body     json.RawMessage   `json:"body,omitempty"`    // its texts are Liquid; empty: the event itself is the body
	Secret   string            `json:"secret,omitempty"`  // the key that signs the call; empty: it is not signed
	Expect   []int             `json:"expect,omitempty"`  // statuses that mean "accepted"; empty: 200-299
	Timeout  time.Duration     `json:"timeout"`
	Attempts int               `json:"attempts"`           // with growing pauses, before it is given up
	Callback schedule.Wait     `json:"callback,omitempty"` // the step is done when the service calls back, or after this; zero: when it is accepted
}

// The defaults of a call.
const (
	DefaultWebhookTimeout  = 10 * time.Second
	DefaultWebhookAttempts = 8
)

// Blocks tells whether the sequence waits for the service to call back.
func (w Webhook) Blocks() bool { return !w.Callback.IsZero() }

// Names lists the environment variables that a call refers to, each once, sorted.
func (w Webhook) Names() []string {
	texts := []string{w.URL, string(w.Body), w.Secret}
	for _, value := range w.Headers {
		texts = append(texts, value)
	}
	var names []string
	for _, text := range texts {
		for _, found := range reference.FindAllString(text, -1) {
			names = append(names, found[2:len(found)-1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func webhookSchema() *strictyaml.Type {
	return strictyaml.Map("A call to another service over HTTPS.",
		strictyaml.Required("url", strictyaml.Scalar("Where to; keep secrets in the environment.", CodeBadURL, `"${EXPANDI_URL}"`, parseURL)),
		strictyaml.Optional("method", strictyaml.Choice("The HTTP method; by default POST.", "POST", "PUT", "PATCH", "DELETE")),
		strictyaml.Optional("headers", strictyaml.Entries("Headers to send along.",
			strictyaml.Scalar("A header's value.", CodeBadHeader, `"Bearer ${TOKEN}"`, parseHeaderValue))),
		strictyaml.Optional("body", strictyaml.Any("The JSON to send; its texts may hold {{ first_name }} and the like. By default the event itself.")),
		strictyaml.Optional("secret", strictyaml.Scalar("The key by which the receiver knows that the call is ours.", CodeBadSecretReference, `"${EXPANDI_KEY}"`, parseReference)),
		strictyaml.Optional("expect", strictyaml.List("The statuses that mean that the call was accepted; by default 200-299.", strictyaml.Int("An HTTP status.", 200, 599))),
		strictyaml.Optional("timeout", strictyaml.Scalar("How long one attempt may take.", CodeBadTimeout, "10s", parseTimeout)),
		strictyaml.Optional("attempts", strictyaml.Int("How often it is tried before it is given up.", 1, 20)),
		strictyaml.Optional("callback", wait("The step is done when the service calls back, and no later than this.")),
	).OrJust("url")
}

func readWebhook(doc *strictyaml.Document, v *strictyaml.Value) *Webhook {
	w := &Webhook{
		URL: v.Get("url").Text(), Method: v.Get("method").TextOr("POST"), Body: v.Get("body").JSON(), Secret: v.Get("secret").Text(),
		Timeout:  strictyaml.ReadOr(v.Get("timeout"), DefaultWebhookTimeout),
		Attempts: v.Get("attempts").IntOr(DefaultWebhookAttempts),
		Callback: strictyaml.Read[schedule.Wait](v.Get("callback")),
	}
	for _, status := range v.Get("expect").Items() {
		w.Expect = append(w.Expect, status.Int())
	}
	checkBody(doc, v.Get("body"), w.Blocks())
	headers := v.Get("headers")
	for _, name := range headers.Names() {
		if !headerName.MatchString(name) || ownHeader(name) {
			doc.Report(headers.Key(name), CodeBadHeader, "write a name like X-Team", "%q cannot be set as a header", name)
			continue
		}
		if w.Headers == nil {
			w.Headers = map[string]string{}
		}
		w.Headers[name] = headers.Get(name).Text()
	}
	return w
}

// checkBody holds that every text of a body can be rendered, and asks the
// environment for nothing by half.
func checkBody(doc *strictyaml.Document, body *strictyaml.Value, calledBack bool) {
	for _, leaf := range body.Leaves() {
		if err := checkReferences(leaf.Text()); err != nil {
			doc.Report(leaf, CodeBadBody, "write ${NAME}, or leave the $ out", "%s", err)
		}
		names, bad := render.CheckText(render.ScopeWebhook, leaf.Text())
		for _, fault := range bad {
			doc.Report(leaf, CodeBadBody, fault.Fix, "%s", fault.Message)
		}
		for _, name := range names {
			if name.Name == "event.callback_url" && !calledBack {
				doc.Report(leaf, CodeBadBody, "add callback: 5d", "there is no event.callback_url where no callback is awaited")
			}
		}
	}
}

// headerName is a token of RFC 9110, section 5.6.2, without its rarer signs.
var headerName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// ownHeader tells the headers that the connection and the signature need.
func ownHeader(name string) bool {
	lower := strings.ToLower(name)
	switch lower {
	case "host", "content-length", "content-type", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect":
		return true
	}
	return strings.HasPrefix(lower, "webhook-")
}

var (
	reference      = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}`)
	wholeReference = regexp.MustCompile(`^\$\{[A-Za-z_][A-Za-z0-9_]*\}$`)
)

// checkReferences refuses a ${ that would be sent as it stands.
func checkReferences(text string) error {
	if strings.Count(text, "${") != len(reference.FindAllString(text, -1)) {
		return errors.New("a reference to the environment is incomplete; write ${NAME}")
	}
	return nil
}

// parseURL holds what can be told of a URL before its references are known. Which
// addresses may be called at all is told when it is dialled.
func parseURL(text string) (string, error) {
	if err := checkReferences(text); err != nil {
		return "", err
	}
	if strings.Contains(text, "{{") || strings.Contains(text, "{%") {
		return "", errors.New("a URL is the same for all leads; put their data into the body")
	}
	if wholeReference.MatchString(text) || strings.HasPrefix(text, "${") {
		return text, nil
	}
	parsed, err := url.Parse(reference.ReplaceAllString(text, "x"))
	if err != nil || parsed.Host == "" || parsed.Scheme != "https" && parsed.Scheme != "http" {
		return "", fmt.Errorf("%q is not the URL of a service", text)
	}
	if ip := net.ParseIP(parsed.Hostname()); parsed.Scheme == "http" && parsed.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", errors.New("leads' data go over https alone")
	}
	if parsed.User != nil {
		return "", errors.New("a URL holds no login; send it as a header from the environment")
	}
	return text, nil
}

func parseReference(text string) (string, error) {
	if !wholeReference.MatchString(text) {
		return "", errors.New("a key stands in the environment, not in the file")
	}
	return text, nil
}

func parseHeaderValue(text string) (string, error) {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return "", errors.New("a header is one line")
	}
	return text, checkReferences(text)
}

func parseTimeout(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Second || d > DefaultWebhookTimeout {
		return 0, fmt.Errorf("%q is not a time from 1s to %s", text, DefaultWebhookTimeout)
	}
	return d, nil
}
