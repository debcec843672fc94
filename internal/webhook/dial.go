package webhook

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// Resolver looks names up; net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// dialTimeout bounds one try at one address.
const dialTimeout = 5 * time.Second

// gate dials, and only where CheckAddress lets it.
type gate struct {
	resolver Resolver
	loopback bool
	dial     func(ctx context.Context, network, address string) (net.Conn, error)
}

func newGate(resolver Resolver, loopback bool) *gate {
	g := &gate{resolver: resolver, loopback: loopback}
	g.dial = (&net.Dialer{Timeout: dialTimeout, ControlContext: g.control}).DialContext
	return g
}

// dialContext resolves a name once, looks at all its addresses, and dials one of
// those that it has looked at: a name that resolves differently a moment later
// (DNS rebinding) changes nothing. One address that is refused refuses the name,
// for it shows what the name is there for.
func (g *gate) dialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrRefused, err)
	}
	ips, err := g.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, ip := range ips {
		if err := CheckAddress(ip, g.loopback); err != nil {
			return nil, err
		}
	}
	var failed error
	for _, ip := range ips {
		conn, err := g.dial(ctx, network, net.JoinHostPort(ip.Unmap().String(), port))
		if err == nil {
			return conn, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// resolve gives the addresses of a host, at least one.
func (g *gate) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, nil
	}
	if err := checkHost(host); err != nil {
		return nil, err
	}
	ips, err := g.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("look up: %w", err)
	}
	if len(ips) == 0 {
		return nil, errors.New("look up: the name has no address")
	}
	return ips, nil
}

// control is asked by the kernel's door, after everything that could have gone
// wrong before it: whatever is about to be dialled is looked at once more.
func (g *gate) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrRefused, err)
	}
	return CheckAddress(at.Addr(), g.loopback)
}
