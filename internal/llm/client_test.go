package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
)

// canary stands in the reply, so that a leak can be found.
const canary = "the zebra budget"

var input = classify.Input{
	Kind: outreach.KindHuman, Subject: "Re: a question", Text: "Perhaps, but " + canary + " is spent.", Quoted: "Shall we talk?",
}

// model is an endpoint on loopback that answers in a fixed way and keeps what it
// was asked.
type model struct {
	*httptest.Server
	asked  atomic.Int32
	path   string
	header http.Header
	body   []byte
}

func newModel(t *testing.T, answer http.HandlerFunc) *model {
	t.Helper()
	m := &model{}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.asked.Add(1)
		m.path, m.header = r.URL.Path, r.Header
		m.body, _ = io.ReadAll(r.Body)
		answer(w, r)
	}))
	t.Cleanup(m.Close)
	return m
}

func (m *model) client() *Client {
	return New(Account{URL: m.URL + "/v1/", Model: "small", Key: "key-123", Timeout: 5 * time.Second})
}

// says is an answer of the chat completions protocol.
func says(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": content}}}})
	}
}

func TestAReplyIsSentAsDataAndTheAnswerIsRead(t *testing.T) {
	m := newModel(t, says(`{"label":"price","quote":"the zebra budget is spent","confidence":0.9}`))
	got, err := m.client().Advise(context.Background(), input)
	if err != nil {
		t.Fatal(err)
	}
	want := outreach.Advice{Label: outreach.LabelPrice, Quote: "the zebra budget is spent", Confidence: 0.9, Model: "small"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if m.path != "/v1/chat/completions" || m.header.Get("Authorization") != "Bearer key-123" {
		t.Errorf("asked at %s with %q", m.path, m.header.Get("Authorization"))
	}
	var sent completion
	if err := json.Unmarshal(m.body, &sent); err != nil {
		t.Fatal(err)
	}
	var data reply
	if err := json.Unmarshal([]byte(sent.Messages[1].Content), &data); err != nil || sent.Messages[1].Role != "user" {
		t.Fatalf("the reply is not sent as JSON data: %v", err)
	}
	if data.Reply != input.Text || data.Answers != input.Quoted || strings.Contains(sent.Messages[0].Content, canary) {
		t.Errorf("sent %+v", data)
	}
	if sent.Temperature != 0 || sent.Format.Type != "json_schema" || !sent.Format.Schema.Strict {
		t.Errorf("asked for %+v", sent.Format)
	}
}

func TestAnAnswerThatDoesNotFitIsNone(t *testing.T) {
	for name, content := range map[string]string{
		"prose":                           "The label is price.",
		"nothing":                         "",
		"a label that is none":            `{"label":"angry","quote":"spent","confidence":0.9}`,
		"a label of machines":             `{"label":"auto_reply","quote":"spent","confidence":0.9}`,
		"a label of structure":            `{"label":"complaint","quote":"spent","confidence":0.9}`,
		"words that the reply lacks":      `{"label":"meeting","quote":"happy to talk","confidence":0.9}`,
		"no words":                        `{"label":"meeting","quote":" ","confidence":0.9}`,
		"more certain than certain":       `{"label":"price","quote":"spent","confidence":1.5}`,
		"a confidence that is none":       `{"label":"price","quote":"spent","confidence":"high"}`,
		"a key is missing":                `{"label":"price","quote":"spent"}`,
		"a key too many":                  `{"label":"price","quote":"spent","confidence":0.9,"reply":"Dear lead"}`,
		"two answers":                     `{"label":"price","quote":"spent","confidence":0.9}{"label":"meeting","quote":"spent","confidence":0.9}`,
		"a list":                          `[{"label":"price","quote":"spent","confidence":0.9}]`,
		"null":                            `null`,
		"an answer that breaks off early": `{"label":"price","quote":"spe`,
	} {
		t.Run(name, func(t *testing.T) {
			m := newModel(t, says(content))
			if got, err := m.client().Advise(context.Background(), input); !errors.Is(err, ErrAnswer) || got != (outreach.Advice{}) {
				t.Errorf("advice %+v, %v; want ErrAnswer", got, err)
			}
		})
	}
}

func TestAnEndpointThatFailsIsToldByItsFault(t *testing.T) {
	silent := make(chan struct{})
	t.Cleanup(func() { close(silent) })
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"refuses, and repeats the mail": {func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "bad request: "+canary, http.StatusBadRequest)
		}, ErrRefused},
		"sends us elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
		}, ErrRefused},
		"is no such endpoint":      {func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<html>hello") }, ErrAnswer},
		"answers without a choice": {func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{"choices":[]}`) }, ErrAnswer},
		"hangs up":                 {func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, ErrUnreachable},
		"is silent": {func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-silent:
			case <-r.Context().Done():
			}
		}, ErrTimeout},
		"talks without end": {func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, `{"choices":[{"message":{"content":"`, strings.Repeat("x", 2*maxAnswer), `"}}]}`)
		}, ErrAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			m := newModel(t, c.answer)
			client := New(Account{URL: m.URL, Model: "small", Timeout: 5 * time.Second})
			if errors.Is(c.want, ErrTimeout) {
				client.account.Timeout = 20 * time.Millisecond
			}
			_, err := client.Advise(context.Background(), input)
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), "zebra") || strings.Contains(err.Error(), m.URL)) {
				t.Errorf("the error repeats what should not be logged: %v", err)
			}
			if m.asked.Load() != 1 {
				t.Errorf("asked %d times", m.asked.Load())
			}
		})
	}
}

func TestAnEndpointThatIsDownIsLeftAloneForAWhile(t *testing.T) {
	m := newModel(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	client := m.client()
	for i := range restAfter + 5 {
		_, err := client.Advise(context.Background(), input)
		want := ErrRefused
		if i >= restAfter {
			want = ErrResting
		}
		if !errors.Is(err, want) {
			t.Errorf("question %d: %v, want %v", i+1, err, want)
		}
	}
	if got := m.asked.Load(); got != restAfter {
		t.Errorf("asked %d times, want %d", got, restAfter)
	}
}

func TestTheKeyStandsInNoLog(t *testing.T) {
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("wired", "llm", Account{URL: "https://llm.ours.example", Model: "small", Key: "key-123"})
	if strings.Contains(out.String(), "key-123") {
		t.Errorf("logged %s", out.String())
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(`{"label":"price","quote":"spent","confidence":0.9}`, "it is spent")
	f.Add(`{"label":"unclear","quote":"","confidence":0}`, "")
	f.Fuzz(func(t *testing.T, answer, text string) {
		in := classify.Input{Kind: outreach.KindHuman, Text: text}
		advice, ok := checked(answer, in)
		if !ok {
			return
		}
		known := advice.Label != outreach.LabelAutoReply && strings.Contains(fmt.Sprint(outreach.WordLabels()), string(advice.Label))
		if !known || !strings.Contains(text, advice.Quote) || !(advice.Confidence >= 0 && advice.Confidence <= 1) {
			t.Errorf("took %+v for an answer about %q", advice, text)
		}
	})
}
