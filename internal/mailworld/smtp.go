package mailworld

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net"
	"strings"

	"drumbeat/internal/clock"
)

// serveSMTP takes connections until the listener closes.
func (w *World) serveSMTP() {
	for {
		conn, err := w.smtp.Accept()
		if err != nil {
			return
		}
		if !w.keep(conn) {
			_ = conn.Close()
			return
		}
		w.running.Go(func() {
			defer w.forget(conn)
			d := &dialogue{world: w, conn: conn, in: bufio.NewReader(conn)}
			d.run()
		})
	}
}

// keep remembers a connection for Close; false after it.
func (w *World) keep(conn net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx.Err() != nil {
		return false
	}
	w.conns[conn] = true
	return true
}

func (w *World) forget(conn net.Conn) {
	_ = conn.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, conn)
}

// errEnd ends a dialogue whose connection is to be closed.
var errEnd = errors.New("the dialogue is over")

// dialogue is one SMTP connection.
type dialogue struct {
	world *World
	conn  net.Conn
	in    *bufio.Reader
	out   []byte // answers not yet on the wire: they go in one write when the client is silent

	greeted  bool
	loggedIn bool
	open     bool // counted in World.dialogues
	from     string
	to       string
	last     string // the last recipient, for faults at RSET and QUIT
}

func (d *dialogue) run() {
	defer d.end()
	if err := d.answer("220 mail.world.example ESMTP"); err != nil {
		return
	}
	for {
		line, err := d.line()
		if err != nil {
			return
		}
		if err := d.command(line); err != nil {
			_ = d.flush()
			return
		}
	}
}

// line reads a command, after the answers to those before it have gone out.
func (d *dialogue) line() (string, error) {
	if d.in.Buffered() == 0 {
		if err := d.flush(); err != nil {
			return "", err
		}
	}
	line, err := d.in.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

func (d *dialogue) answer(lines ...string) error {
	for _, line := range lines {
		d.out = append(append(d.out, line...), "\r\n"...)
	}
	return nil
}

// flush puts the answers on the wire, after the world's latency.
func (d *dialogue) flush() error {
	if len(d.out) == 0 {
		return nil
	}
	if latency := d.world.options.Latency; latency > 0 {
		if err := (clock.Machine{}).Sleep(d.world.ctx, latency); err != nil {
			return err
		}
	}
	d.world.flushes.Add(1)
	_, err := d.conn.Write(d.out)
	d.out = d.out[:0]
	return err
}

// command carries out one line.
func (d *dialogue) command(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO", "HELO":
		d.reset()
		d.greeted = true
		return d.answer(d.extensions()...)
	case "STARTTLS":
		return d.startTLS()
	case "AUTH":
		return d.login(rest)
	case "MAIL":
		return d.mail(rest)
	case "RCPT":
		return d.rcpt(rest)
	case "DATA":
		return d.data()
	case "RSET":
		d.reset()
		return d.meet(AtRset, d.last, "250 2.0.0 flushed")
	case "NOOP":
		return d.answer("250 2.0.0 ok")
	case "QUIT":
		if err := d.meet(AtQuit, d.last, "221 2.0.0 bye"); err != nil {
			return err
		}
		return errEnd
	}
	return d.answer("500 5.5.1 unknown command")
}

func (d *dialogue) extensions() []string {
	options := d.world.options
	_, encrypted := d.conn.(*tls.Conn)
	lines := []string{"250-mail.world.example", "250-8BITMIME", "250-ENHANCEDSTATUSCODES", "250-SMTPUTF8"}
	if !options.NoPipelining {
		lines = append(lines, "250-PIPELINING")
	}
	if options.TLS != nil && !encrypted {
		lines = append(lines, "250-STARTTLS")
	}
	if options.Password != "" && (options.TLS == nil || encrypted) {
		lines = append(lines, "250-AUTH PLAIN")
	}
	return append(lines, "250 SIZE 10485760")
}

func (d *dialogue) startTLS() error {
	if d.world.options.TLS == nil {
		return d.answer("502 5.5.1 not offered")
	}
	if err := errors.Join(d.answer("220 2.0.0 go ahead"), d.flush()); err != nil {
		return err
	}
	conn := tls.Server(d.conn, d.world.options.TLS)
	if err := conn.HandshakeContext(d.world.ctx); err != nil {
		return err
	}
	d.conn, d.in, d.greeted = conn, bufio.NewReader(conn), false // RFC 3207, section 4.2
	d.reset()
	return nil
}

// login knows AUTH PLAIN with an initial response (RFC 4616).
func (d *dialogue) login(rest string) error {
	mechanism, response, _ := strings.Cut(rest, " ")
	if !strings.EqualFold(mechanism, "PLAIN") {
		return d.answer("504 5.5.4 unknown mechanism")
	}
	decoded, err := base64.StdEncoding.DecodeString(response)
	parts := strings.Split(string(decoded), "\x00")
	if err != nil || len(parts) != 3 || parts[2] != d.world.options.Password {
		return d.answer("535 5.7.8 authentication failed")
	}
	d.loggedIn = true
	return d.answer("235 2.7.0 welcome")
}

func (d *dialogue) mail(rest string) error {
	from, ok := path(rest, "FROM:")
	switch {
	case !d.greeted:
		return d.answer("503 5.5.1 say EHLO first")
	case d.world.options.Password != "" && !d.loggedIn:
		return d.answer("530 5.7.0 authentication required")
	case d.from != "":
		return d.answer("503 5.5.1 nested MAIL")
	case !ok || from == "":
		return d.answer("501 5.5.4 syntax: MAIL FROM:<address>")
	}
	if !d.open {
		d.open = true
		d.world.dialogues.Add(1)
	}
	return d.meetThen(AtMail, from, "250 2.1.0 sender ok", func() { d.from = from })
}

func (d *dialogue) rcpt(rest string) error {
	to, ok := path(rest, "TO:")
	switch {
	case d.from == "":
		return d.answer("503 5.5.1 need MAIL first")
	case d.to != "":
		return d.answer("452 4.5.3 one recipient a mail")
	case !ok || to == "":
		return d.answer("501 5.5.4 syntax: RCPT TO:<address>")
	}
	d.last = to
	return d.meetThen(AtRcpt, to, "250 2.1.5 recipient ok", func() { d.to = to })
}

// path takes the address from FROM:<...> or TO:<...>.
func path(rest, keyword string) (string, bool) {
	if len(rest) < len(keyword) || !strings.EqualFold(rest[:len(keyword)], keyword) {
		return "", false
	}
	rest, found := strings.CutPrefix(strings.TrimSpace(rest[len(keyword):]), "<")
	address, _, closed := strings.Cut(rest, ">")
	return address, found && closed
}
