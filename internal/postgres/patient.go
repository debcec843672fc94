package postgres

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"drumbeat/internal/clock"
)

// hotPatience is how long a statement that every mail passes may wait for a word of the
// server, in machine time: longer than any of them takes, waits for locks included.
const hotPatience = 45 * time.Second

// dialer reaches the server. A connection whose other end has gone without a word (a machine
// that lost its power, a network that was cut) is known for dead within half a minute, and one
// whose server says nothing any more within patience: the driver would wait for as long as TCP
// does, a quarter of an hour, whatever the caller's context says. 0: it may take any time.
type dialer struct {
	net.Dialer
	patience time.Duration
}

func newDialer(patience time.Duration) dialer {
	alive := net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}
	return dialer{Dialer: net.Dialer{KeepAliveConfig: alive}, patience: patience}
}

// DialContext connects.
func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil || d.patience == 0 {
		return conn, err
	}
	return &impatient{Conn: conn, patience: d.patience}, nil
}

// Dial connects; the driver asks for it by its interface.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout connects within a time.
func (d dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// impatient is a connection of which no single reading or writing takes longer than patience,
// nor beyond the deadline that the driver sets while it connects.
type impatient struct {
	net.Conn
	patience time.Duration
	set      atomic.Pointer[time.Time]
}

// SetDeadline bounds everything; the zero time ends that.
func (c *impatient) SetDeadline(t time.Time) error {
	c.set.Store(&t)
	return c.Conn.SetDeadline(t)
}

func (c *impatient) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(c.deadline()); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

func (c *impatient) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(c.deadline()); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

func (c *impatient) deadline() time.Time {
	patient := clock.Machine{}.Now().Add(c.patience)
	if set := c.set.Load(); set != nil && !set.IsZero() && set.Before(patient) {
		return *set
	}
	return patient
}
