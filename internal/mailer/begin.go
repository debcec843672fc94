package mailer

import (
	"errors"
	"fmt"
	"strings"

	"drumbeat/internal/outreach"
)

// begin says MAIL, RCPT and DATA. It returns nil when the server waits for the
// body, else the result; the connection is then ready for the next mail or
// closed.
func (c *Conn) begin(o opening) *outreach.DeliveryResult {
	if err := c.client.UpdateDeadline(c.timeouts.Command); err != nil {
		return c.stuck(PhaseMail, err)
	}
	commands := o.commands()
	if c.pipelined {
		if err := c.sayOnce(o); err != nil {
			return c.stuck(PhaseMail, err)
		}
	}
	var refusal *outreach.DeliveryResult
	var last reply
	for _, command := range commands {
		answer, err := c.command(command.line)
		if err != nil {
			return c.stuckOr(refusal, command.phase, err)
		}
		last = answer
		if command.phase == phaseCopy && answer.code != 421 {
			continue // refused or not, the mail goes
		}
		if refusal == nil && !agrees(command.phase, answer) {
			result := answer.result(command.phase)
			refusal = &result
			if !c.pipelined {
				break // in lock-step nothing else was said
			}
		}
	}
	if refusal != nil && o.copy != "" && last.goAhead() {
		c.Close() // a dot would make an empty mail for the copy
	} else if refusal != nil {
		c.backOut(*refusal, last)
	}
	return refusal
}

// sayOnce says the group, unless it went with the dot of the mail before.
func (c *Conn) sayOnce(o opening) error {
	said := c.said
	c.said = nil
	switch {
	case said == nil:
		return c.write([]byte(o.group()))
	case *said != o:
		return errors.New("the server waits for another mail")
	}
	return nil
}

// Expect names the envelope of the mail behind the next one. Where PIPELINING is
// offered it is opened in the same write as the next one's dot (RFC 2920, section
// 3.1: the content may head a group), so that a mail costs one round trip. Whoever
// expects a mail delivers it next, or closes the connection.
func (c *Conn) Expect(next outreach.Envelope) { c.expected = &next }

// ending is the dot, and the opening of the mail that is expected.
func (c *Conn) ending() (line string, next *opening) {
	if c.expected == nil || !c.pipelined {
		return ".\r\n", nil
	}
	o, refusal := c.open(*c.expected)
	if refusal != nil { // Deliver will say so
		return ".\r\n", nil
	}
	return ".\r\n" + o.group(), &o
}

// phaseCopy is RCPT of the blind copy; no result is ever about it alone.
const phaseCopy = "copy"

type command struct{ phase, line string }

// group is what opens a mail, in one write (RFC 2920, section 3.1).
func (o opening) group() string {
	var b strings.Builder
	for _, command := range o.commands() {
		b.WriteString(command.line + "\r\n")
	}
	return b.String()
}

func (o opening) commands() []command {
	commands := []command{{PhaseMail, o.mail}, {PhaseRcpt, o.rcpt}}
	if o.copy != "" {
		commands = append(commands, command{phaseCopy, o.copy})
	}
	return append(commands, command{PhaseData, "DATA"})
}

// command reads the answer to a line; in lock-step it says the line first.
func (c *Conn) command(line string) (reply, error) {
	if !c.pipelined {
		if err := c.write([]byte(line + "\r\n")); err != nil {
			return reply{}, err
		}
	}
	return c.read()
}

func agrees(phase string, answer reply) bool {
	if phase == PhaseData {
		return answer.goAhead()
	}
	return answer.positive()
}

// backOut makes the connection ready for the next mail after a refusal before
// the body. A 354 although the recipient was refused is answered with a dot
// alone, which ends a mail to nobody (RFC 2920, section 3.1).
func (c *Conn) backOut(refusal outreach.DeliveryResult, last reply) {
	if refusal.Delivery == outreach.DeliveryNotSent || refusal.Code == 421 || last.code == 421 {
		c.Close()
		return
	}
	ending := "RSET\r\n"
	if last.goAhead() {
		ending = ".\r\n"
	}
	if err := c.write([]byte(ending)); err != nil {
		c.Close()
		return
	}
	answer, err := c.read()
	if err != nil || (!last.goAhead() && !answer.positive()) {
		c.Close()
	}
}

// stuck reports that the dialogue broke before the body: nothing was sent.
func (c *Conn) stuck(phase string, err error) *outreach.DeliveryResult {
	result := c.broken(outreach.DeliveryNotSent, phase, fmt.Errorf("%s: %w", phase, err))
	return &result
}

// stuckOr keeps the server's refusal when the connection broke after it.
func (c *Conn) stuckOr(refusal *outreach.DeliveryResult, phase string, err error) *outreach.DeliveryResult {
	if refusal != nil {
		c.Close()
		return refusal
	}
	return c.stuck(phase, err)
}
