// Package faultproxy stands between a program and a server on this machine and
// makes the connection between them fail: all at once, for a while, or at a
// moment that is recognised by the bytes that pass. It proves what a program
// does when an answer is lost; it is no part of a running installation.
package faultproxy

import (
	"net"
	"sync"
	"sync/atomic"
)

// Direction says which way bytes go.
type Direction int

// The directions.
const (
	ToServer Direction = iota
	ToClient
)

// Verdict says what becomes of some bytes and of their connection.
type Verdict int

// The verdicts.
const (
	Pass    Verdict = iota
	Cut             // close the connection; the bytes go nowhere
	PassCut         // the server gets the bytes, the client no answer
)

// Tap looks at the bytes as they pass, in pieces as they were read. It is called
// by many connections at once.
type Tap func(direction Direction, piece []byte) Verdict

// Proxy passes connections on to one server.
type Proxy struct {
	listener net.Listener
	running  sync.WaitGroup

	mu      sync.Mutex
	network string
	address string
	down    bool
	closed  bool
	tap     Tap
	open    map[net.Conn]bool
}

// New listens on a free loopback port for a server at network and address.
func New(network, address string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener, network: network, address: address, open: map[net.Conn]bool{}}
	p.running.Go(p.serve)
	return p, nil
}

// Addr is where clients connect to.
func (p *Proxy) Addr() *net.TCPAddr { return p.listener.Addr().(*net.TCPAddr) }

// Retarget sends new connections to another server.
func (p *Proxy) Retarget(network, address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.network, p.address = network, address
}

// SetTap lets a function look at all bytes; nil: nobody looks.
func (p *Proxy) SetTap(tap Tap) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tap = tap
}

// Cut closes every connection; new ones are taken.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.open {
		_ = conn.Close()
	}
}

// Down closes every connection and refuses new ones until Up.
func (p *Proxy) Down() {
	p.mu.Lock()
	p.down = true
	p.mu.Unlock()
	p.Cut()
}

// Up takes connections again.
func (p *Proxy) Up() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = false
}

// Close ends everything and waits for it.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	err := p.listener.Close()
	p.Cut()
	p.running.Wait()
	return err
}

func (p *Proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.carry(client) })
	}
}

// carry passes bytes both ways until either side ends.
func (p *Proxy) carry(client net.Conn) {
	defer client.Close()
	p.mu.Lock()
	network, address, down := p.network, p.address, p.down
	p.mu.Unlock()
	if down {
		return
	}
	server, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer server.Close()
	if !p.keep(client, server) {
		return
	}
	defer p.forget(client, server)
	var muted atomic.Bool
	var both sync.WaitGroup
	both.Go(func() { p.pass(ToServer, client, server, &muted) })
	both.Go(func() { p.pass(ToClient, server, client, &muted) })
	both.Wait()
}

// keep remembers a pair for Cut; false when there was a cut meanwhile.
func (p *Proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down || p.closed {
		return false
	}
	for _, conn := range conns {
		p.open[conn] = true
	}
	return true
}

func (p *Proxy) forget(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		delete(p.open, conn)
	}
}

// pass copies one way, and ends both ways when it ends. A muted connection ends
// with the server's next word, which the client does not hear: so the server has
// done what it was told.
func (p *Proxy) pass(direction Direction, from, to net.Conn, muted *atomic.Bool) {
	defer from.Close()
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if direction == ToClient && muted.Load() {
				return
			}
			switch p.look(direction, buffer[:n]) {
			case Cut:
				return
			case PassCut:
				muted.Store(true)
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *Proxy) look(direction Direction, piece []byte) Verdict {
	p.mu.Lock()
	tap := p.tap
	p.mu.Unlock()
	if tap == nil {
		return Pass
	}
	return tap(direction, piece)
}
