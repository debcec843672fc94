package mailer

import (
	"errors"
	"fmt"

	"drumbeat/internal/outreach"
)

// begin says MAIL, RCPT and DATA. It returns nil when the server waits for the
// body, else the result; the connection is then ready for the next mail or
// closed.
func (c *Conn) begin(opening [2]string) *outreach.DeliveryResult {
	if err := c.client.UpdateDeadline(c.timeouts.Command); err != nil {
		return c.stuck(PhaseMail, err)
	}
	commands := []struct{ phase, line string }{
		{PhaseMail, opening[0]}, {PhaseRcpt, opening[1]}, {PhaseData, "DATA"},
	}
	if c.pipelined {
		if err := c.sayOnce(opening); err != nil {
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
		if refusal == nil && !agrees(command.phase, answer) {
			result := answer.result(command.phase)
			refusal = &result
			if !c.pipelined {
				break // in lock-step nothing else was said
			}
		}
	}
	if refusal != nil {
		c.backOut(*refusal, last)
	}
	return refusal
}

// sayOnce says the group, unless it went with the dot of the mail before.
func (c *Conn) sayOnce(opening [2]string) error {
	said := c.said
	c.said = nil
	switch {
	case said == nil:
		return c.write([]byte(group(opening)))
	case *said != opening:
		return errors.New("the server waits for another mail")
	}
	return nil
}

// group is what opens a mail, in one write (RFC 2920, section 3.1).
func group(opening [2]string) string { return opening[0] + "\r\n" + opening[1] + "\r\nDATA\r\n" }

// Expect names the envelope of the mail behind the next one. Where PIPELINING is
// offered it is opened in the same write as the next one's dot (RFC 2920, section
// 3.1: the content may head a group), so that a mail costs one round trip. Whoever
// expects a mail delivers it next, or closes the connection.
func (c *Conn) Expect(next outreach.Envelope) { c.expected = &next }

// ending is the dot, and the opening of the mail that is expected.
func (c *Conn) ending() (line string, next *[2]string) {
	if c.expected == nil || !c.pipelined {
		return ".\r\n", nil
	}
	opening, refusal := c.opening(*c.expected)
	if refusal != nil { // Deliver will say so
		return ".\r\n", nil
	}
	return ".\r\n" + group(opening), &opening
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
