package mailworld

import (
	"bufio"
	"errors"
	"strconv"

	"drumbeat/internal/clock"
)

func (d *dialogue) data() error {
	if d.to == "" {
		return d.answer("503 5.5.1 need RCPT first")
	}
	refused := true
	if err := d.meetThen(AtData, d.to, "354 end with a dot", func() { refused = false }); err != nil || refused {
		return err
	}
	if err := d.flush(); err != nil {
		return err
	}
	raw, err := d.body()
	if err != nil {
		return err
	}
	return d.dot(raw)
}

// body reads to the dot on its own line. Only CRLF ends a line: a mail that
// means to smuggle a second one stays one mail here.
func (d *dialogue) body() ([]byte, error) {
	var raw []byte
	atStart := true
	for {
		part, err := d.in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		if atStart && string(part) == ".\r\n" {
			return raw, nil
		}
		if atStart && len(part) > 0 && part[0] == '.' {
			part = part[1:]
		}
		raw = append(raw, part...)
		atStart = len(raw) >= 2 && string(raw[len(raw)-2:]) == "\r\n"
	}
}

// dot accepts the mail or lets its fault strike.
func (d *dialogue) dot(raw []byte) error {
	fault := d.world.faults.take(AtDot, d.to)
	if fault.Ending != Drop && (fault.Code == 0 || fault.Code/100 == 2) {
		if err := d.world.accept(d.from, d.to, raw); err != nil {
			d.world.options.Logger.Error("mail world: accept", "error", err)
			fault.Code, fault.Text = 451, "4.3.0 local error"
		}
	}
	if err := d.strike(fault, "250 2.0.0 queued"); err != nil {
		return err
	}
	defer d.reset()
	if d.in.Buffered() > 0 {
		return nil // the next mail came in the same group: one answer to all (RFC 2920, section 3.2)
	}
	return d.flush()
}

// meet answers, unless a fault strikes.
func (d *dialogue) meet(at Phase, address, usual string) error {
	return d.strike(d.world.faults.take(at, address), usual)
}

// meetThen is meet for a step that counts only when it is answered as usual.
func (d *dialogue) meetThen(at Phase, address, usual string, done func()) error {
	fault := d.world.faults.take(at, address)
	if fault.Code == 0 {
		done()
	}
	return d.strike(fault, usual)
}

// strike gives the answer that a fault prescribes, and ends the dialogue if it
// says so.
func (d *dialogue) strike(fault Fault, usual string) error {
	if fault.Ending == Drop || fault.Ending == AcceptDrop {
		d.out = d.out[:0]
		return errEnd
	}
	answer := usual
	if fault.Code != 0 {
		answer = strconv.Itoa(fault.Code) + " " + fault.Text
	}
	if fault.Delay > 0 {
		if err := d.dawdle(fault, answer); err != nil {
			return err
		}
	} else if err := d.answer(answer); err != nil {
		return err
	}
	if fault.Ending == AnswerClose || fault.Code == 421 {
		return errEnd
	}
	return nil
}

// dawdle answers late, or one byte at a time.
func (d *dialogue) dawdle(fault Fault, answer string) error {
	if err := d.flush(); err != nil {
		return err
	}
	if !fault.Tarpit {
		if err := (clock.Machine{}).Sleep(d.world.ctx, fault.Delay); err != nil {
			return err
		}
		return d.answer(answer)
	}
	for _, b := range []byte(answer + "\r\n") {
		if err := (clock.Machine{}).Sleep(d.world.ctx, fault.Delay); err != nil {
			return err
		}
		if _, err := d.conn.Write([]byte{b}); err != nil {
			return err
		}
	}
	return nil
}

// reset forgets the mail in hand.
func (d *dialogue) reset() {
	d.from, d.to = "", ""
	d.end()
}

// end takes the mail in hand out of the count.
func (d *dialogue) end() {
	if d.open {
		d.open = false
		d.world.dialogues.Add(-1)
	}
}
