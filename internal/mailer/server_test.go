package mailer_test

import (
	"bufio"
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"drumbeat/internal/mailer"
	"drumbeat/internal/outreach"
)

// server is an SMTP server that answers as its table says: the answer to a
// command by its first word, "" to say nothing and close. It knows no order of
// commands, so a test can make it misbehave at will.
type server struct {
	answers map[string]string // GREET, EHLO, MAIL, RCPT, DATA, DOT, RSET, QUIT, AUTH, and BODY: said before the dot
	address *net.TCPAddr

	mu       sync.Mutex
	commands []string
	mails    []string // each up to its dot
	partials []string // bodies that never got a dot
	reads    int      // how often the server had to wait for the client
	bodySeen chan struct{}
	heard    chan struct{} // one for each command
}

func serve(t *testing.T, answers map[string]string) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{answers: answers, address: listener.Addr().(*net.TCPAddr), bodySeen: make(chan struct{}, 16), heard: make(chan struct{}, 256)}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { s.talk(conn) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); running.Wait() })
	return s
}

var pipelining = "250-hello\r\n250-PIPELINING\r\n250 8BITMIME"

func (s *server) answer(command, fallback string) string {
	if text, scripted := s.answers[command]; scripted {
		return text
	}
	return fallback
}

func (s *server) talk(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(countingReader{conn, s})
	say := func(text string) bool {
		if text == "" {
			return false
		}
		_, err := conn.Write([]byte(text + "\r\n"))
		return err == nil
	}
	if !say(s.answer("GREET", "220 ready")) {
		return
	}
	fallback := map[string]string{"EHLO": "250 hello", "DATA": "354 go on", "QUIT": "221 bye"}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		s.note(&s.commands, strings.TrimSpace(line))
		s.heard <- struct{}{}
		answer := s.answer(word, fallback[word])
		if scripted, whole := s.answers[strings.TrimSpace(line)]; whole {
			answer = scripted
		}
		if answer == "" && fallback[word] == "" {
			if _, scripted := s.answers[word]; !scripted {
				answer = "250 2.1.0 ok"
			}
		}
		if !say(answer) || word == "QUIT" || strings.HasPrefix(answer, "421") {
			return
		}
		if word == "DATA" && strings.HasPrefix(answer, "354") && !s.body(in, say) {
			return
		}
	}
}

// body reads to the dot and answers it.
func (s *server) body(in *bufio.Reader, say func(string) bool) bool {
	var mail strings.Builder
	early, hasEarly := s.answers["BODY"]
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			s.note(&s.partials, mail.String())
			return false
		}
		if line == ".\r\n" {
			s.note(&s.mails, mail.String())
			return say(s.answer("DOT", "250 2.0.0 queued"))
		}
		mail.WriteString(line)
		if strings.Contains(line, "last line") {
			if hasEarly {
				say(early)
			}
			s.bodySeen <- struct{}{}
		}
	}
}

func (s *server) note(list *[]string, line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*list = append(*list, line)
}

func (s *server) seen() (commands, mails, partials []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.commands...), append([]string(nil), s.mails...), append([]string(nil), s.partials...)
}

type countingReader struct {
	net.Conn
	server *server
}

func (r countingReader) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.server.mu.Lock()
	r.server.reads++
	r.server.mu.Unlock()
	return n, err
}

func (s *server) account() mailer.Account {
	return mailer.Account{
		Host: "127.0.0.1", Port: s.address.Port, TLS: mailer.TLSNone, LocalName: "ours.example",
		Timeouts: mailer.Timeouts{Dial: 10 * time.Second, Command: 10 * time.Second, Dot: 10 * time.Second},
	}
}

func (s *server) open(t *testing.T) *mailer.Conn {
	t.Helper()
	conn, err := mailer.Open(t.Context(), s.account())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

var envelope = outreach.Envelope{From: "dana@ours.example", To: "jo@lead.example"}

const rawMail = "Subject: hello\r\n\r\n.dotted\r\nlast line\r\n"

func yes(context.Context) bool { return true }
