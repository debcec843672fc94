package mailer

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"

	"drumbeat/internal/address"
	"drumbeat/internal/outreach"
)

// Deliver hands one mail to the server. The whole body is on its way before commit
// is asked (the kernel may keep the end of it for the dot); only when commit says true does the final dot go, and only
// the answer to the dot makes a mail. So until commit nothing was sent whatever
// happens, and afterwards the result is accepted, deferred or refused by code,
// or uncertain.
//
// After a coded answer the connection carries on (Usable). After anything else
// it is closed without QUIT: a server that reads on might take a mail that we
// believe was dropped. Ending ctx closes the connection at once, so after the
// dot it makes the result uncertain.
func (c *Conn) Deliver(
	ctx context.Context, envelope outreach.Envelope, raw []byte, commit func(context.Context) bool,
) outreach.DeliveryResult {
	defer func() { c.expected = nil }() // a mail that never came to its dot announces none
	opening, refusal := c.open(envelope)
	if refusal != nil {
		return *refusal
	}
	body, err := dotStuff(raw)
	if err != nil {
		return failure(outreach.DeliveryRefused, PhaseBody, err)
	}
	if !c.Usable() {
		c.Close()
		return failure(outreach.DeliveryNotSent, PhaseMail, errors.New("the connection is closed or out of step"))
	}
	stop := context.AfterFunc(ctx, func() { _ = c.socket.Close() })
	defer func() {
		if !stop() {
			c.Close()
		}
	}()
	if result := c.begin(opening); result != nil {
		return *result
	}
	return c.finish(ctx, body, commit)
}

// opening is the commands before DATA.
type opening struct {
	envelope   outreach.Envelope
	mail, rcpt string
	copy       string // RCPT of the blind copy; empty: none
}

// open gives the commands of an envelope, or the refusal of addresses that this
// server cannot take. A copy that it cannot take is left out.
func (c *Conn) open(envelope outreach.Envelope) (opening, *outreach.DeliveryResult) {
	if c.said != nil && c.said.envelope == envelope {
		return *c.said, nil
	}
	from, fromUTF8, err := address.ForSMTP(envelope.From)
	if err != nil {
		return opening{}, refuse(PhaseMail, err.Error())
	}
	to, toUTF8, err := address.ForSMTP(envelope.To)
	if err != nil {
		return opening{}, refuse(PhaseRcpt, err.Error())
	}
	option := ""
	if fromUTF8 || toUTF8 {
		if !c.smtpUTF8 {
			return opening{}, refuse(PhaseRcpt, "the address needs SMTPUTF8, which our server does not offer")
		}
		option = " SMTPUTF8 BODY=8BITMIME" // RFC 6531, section 3.1: SMTPUTF8 servers have 8BITMIME
	}
	o := opening{envelope: envelope, mail: "MAIL FROM:<" + from + ">" + option, rcpt: "RCPT TO:<" + to + ">"}
	if envelope.Copy == "" {
		return o, nil
	}
	if copied, utf8, err := address.ForSMTP(envelope.Copy); err == nil && (!utf8 || option != "") {
		o.copy = "RCPT TO:<" + copied + ">"
	}
	return o, nil
}

func refuse(phase, text string) *outreach.DeliveryResult {
	return &outreach.DeliveryResult{Delivery: outreach.DeliveryRefused, Phase: phase, Text: text}
}

// finish writes the body, asks commit and, when it agrees, sends the dot.
func (c *Conn) finish(ctx context.Context, body []byte, commit func(context.Context) bool) outreach.DeliveryResult {
	cork(c.socket, true)
	if err := c.write(body); err != nil {
		return c.broken(outreach.DeliveryNotSent, PhaseBody, err)
	}
	if c.client.Text.R.Buffered() > 0 {
		// An answer that nobody asked for would be taken for that to the dot.
		return c.broken(outreach.DeliveryNotSent, PhaseBody, errors.New("the server answered before the end of the mail"))
	}
	if !commit(ctx) {
		return c.broken(outreach.DeliveryNotSent, PhaseCommit, errors.New("the commit point said no"))
	}
	if ctx.Err() != nil {
		return c.broken(outreach.DeliveryNotSent, PhaseDot, context.Cause(ctx))
	}
	return c.dot()
}

// dot ends the mail and waits for what the server says to it.
func (c *Conn) dot() outreach.DeliveryResult {
	if err := c.client.UpdateDeadline(c.timeouts.Dot); err != nil {
		return c.broken(outreach.DeliveryNotSent, PhaseDot, err)
	}
	ending, next := c.ending()
	if err := c.write([]byte(ending)); err != nil {
		return c.broken(outreach.DeliveryUncertain, PhaseDot, err)
	}
	cork(c.socket, false)
	answer, err := c.read()
	if err != nil {
		return c.broken(outreach.DeliveryUncertain, PhaseDot, err)
	}
	c.said = next
	result := answer.result(PhaseDot)
	if result.Delivery == outreach.DeliveryUncertain || answer.code == 421 {
		c.Close()
	}
	return result
}

// broken closes the connection and reports a failure without a code.
func (c *Conn) broken(delivery outreach.Delivery, phase string, err error) outreach.DeliveryResult {
	c.Close()
	return failure(delivery, phase, err)
}

func (c *Conn) write(p []byte) error {
	if _, err := c.client.Text.W.Write(p); err != nil {
		return err
	}
	return c.client.Text.W.Flush()
}

// read gives the server's next answer; an error means that none came.
func (c *Conn) read() (reply, error) {
	code, text, err := c.client.Text.ReadResponse(0)
	var coded *textproto.Error
	if errors.As(err, &coded) {
		return reply{code: coded.Code, text: coded.Msg}, nil
	}
	if err != nil {
		return reply{}, fmt.Errorf("reading the answer: %w", err)
	}
	return reply{code: code, text: text}, nil
}

// Usable tells whether the connection can carry a mail: it is open and no
// answer lies unread but those to the opening of an expected mail. A server may still have closed it since; Deliver then
// says not_sent at phase mail.
func (c *Conn) Usable() bool { return !c.closed && (c.said != nil || c.client.Text.R.Buffered() == 0) }

// Close drops the connection without a word.
func (c *Conn) Close() {
	if !c.closed {
		c.closed = true
		_ = c.client.Close()
	}
}

// Quit ends the connection politely. Call it only between mails; whether the
// server answers does not matter to any of them. A server that waits for an
// expected mail would take QUIT for its first line: then the connection is dropped.
func (c *Conn) Quit() {
	if c.closed {
		return
	}
	if c.said == nil && c.client.UpdateDeadline(c.timeouts.Dial) == nil {
		_ = c.client.Quit()
	}
	c.Close()
}
