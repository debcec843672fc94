// Package webhook makes the requests of webhook steps over HTTP. It decides
// which addresses may be dialled at all: a URL is written by whoever writes a
// sequence, and must not become a way into the network that Drumbeat runs in
// (server-side request forgery). When to ask, how often and what follows is not
// decided here.
package webhook

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"drumbeat/internal/outreach"
)

// ErrRefused tells that a request was not made because of where it would go.
// Trying again does not help.
var ErrRefused = errors.New("refused")

// special lists the blocks that are no public place (the registries of RFC 6890,
// as IANA keeps them), and those that wrap an IPv4 address into an IPv6 one and
// would carry a private one past the other checks. Of the IPv6 space only
// 2000::/3 is handed out; all else is refused unnamed.
var special = []struct {
	block netip.Prefix
	name  string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "this network"},
	{netip.MustParsePrefix("10.0.0.0/8"), "private"},
	{netip.MustParsePrefix("100.64.0.0/10"), "carrier-grade NAT"},
	{netip.MustParsePrefix("127.0.0.0/8"), "loopback"},
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local, cloud metadata"},
	{netip.MustParsePrefix("172.16.0.0/12"), "private"},
	{netip.MustParsePrefix("192.0.0.0/24"), "protocol assignments, cloud metadata"},
	{netip.MustParsePrefix("192.0.2.0/24"), "documentation"},
	{netip.MustParsePrefix("192.31.196.0/24"), "AS112"},
	{netip.MustParsePrefix("192.52.193.0/24"), "AMT relays"},
	{netip.MustParsePrefix("192.88.99.0/24"), "6to4 relays"},
	{netip.MustParsePrefix("192.168.0.0/16"), "private"},
	{netip.MustParsePrefix("192.175.48.0/24"), "AS112"},
	{netip.MustParsePrefix("198.18.0.0/15"), "benchmarks"},
	{netip.MustParsePrefix("198.51.100.0/24"), "documentation"},
	{netip.MustParsePrefix("203.0.113.0/24"), "documentation"},
	{netip.MustParsePrefix("224.0.0.0/4"), "multicast"},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved, broadcast"},
	// Inside the platforms of two large providers these public ones answer with credentials.
	{netip.MustParsePrefix("168.63.129.16/32"), "cloud metadata"},
	{netip.MustParsePrefix("100.100.100.200/32"), "cloud metadata"},

	{netip.MustParsePrefix("::/128"), "unspecified"},
	{netip.MustParsePrefix("::1/128"), "loopback"},
	{netip.MustParsePrefix("::/96"), "IPv4-compatible"},
	{netip.MustParsePrefix("::ffff:0:0/96"), "IPv4-mapped"}, // unmapped before it comes here; else refused
	{netip.MustParsePrefix("::ffff:0:0:0/96"), "IPv4-translated"},
	{netip.MustParsePrefix("64:ff9b::/96"), "NAT64"},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "NAT64"},
	{netip.MustParsePrefix("100::/64"), "discarded"},
	{netip.MustParsePrefix("2001::/23"), "protocol assignments, Teredo"},
	{netip.MustParsePrefix("2001:db8::/32"), "documentation"},
	{netip.MustParsePrefix("2002::/16"), "6to4"},
	{netip.MustParsePrefix("2620:4f:8000::/48"), "AS112"},
	{netip.MustParsePrefix("3fff::/20"), "documentation"},
	{netip.MustParsePrefix("5f00::/16"), "segment routing"},
	{netip.MustParsePrefix("fc00::/7"), "private"},
	{netip.MustParsePrefix("fe80::/10"), "link-local"},
	{netip.MustParsePrefix("fec0::/10"), "site-local"},
	{netip.MustParsePrefix("ff00::/8"), "multicast"},
}

var handedOut = netip.MustParsePrefix("2000::/3")

// CheckAddress says why an address must not be dialled; nil: it may. With
// loopback the machine itself may be, and nothing else beside public places.
func CheckAddress(ip netip.Addr, loopback bool) error {
	ip = ip.Unmap()
	if ip.Zone() != "" {
		return fmt.Errorf("%w: %s is an address of one link", ErrRefused, ip)
	}
	if loopback && ip.IsLoopback() {
		return nil
	}
	for _, s := range special {
		if s.block.Contains(ip) {
			return fmt.Errorf("%w: %s is no public address (%s)", ErrRefused, ip, s.name)
		}
	}
	if ip.Is6() && !handedOut.Contains(ip) {
		return fmt.Errorf("%w: %s is no public address", ErrRefused, ip)
	}
	return nil
}

// checkHost refuses names that mean an address in a way of their own: 2130706433,
// 0x7f.1, 0177.0.0.1 and 127.1 are 127.0.0.1 to one resolver and nothing to the
// next. A name whose last label is a number is never a host (RFC 3696, section 2;
// the URL standard calls it "ends in a number").
func checkHost(host string) error {
	if host == "" {
		return fmt.Errorf("%w: the URL names no host", ErrRefused)
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil // CheckAddress looks at it
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	if numeric(labels[len(labels)-1]) {
		return fmt.Errorf("%w: %q is neither a name nor an address as it is usually written", ErrRefused, host)
	}
	for _, r := range host {
		// A name beyond ASCII comes as punycode; full-width digits and dots would be folded by some resolvers.
		if r <= ' ' || r > '~' || strings.ContainsRune(`%@[]\/`, r) {
			return fmt.Errorf("%w: %q is no host name", ErrRefused, host)
		}
	}
	return nil
}

// numeric tells whether a label could be read as a number, in tens, eights or
// sixteens.
func numeric(label string) bool {
	if digits, hex := strings.CutPrefix(strings.ToLower(label), "0x"); hex {
		return strings.Trim(digits, "0123456789abcdef") == ""
	}
	return label != "" && strings.Trim(label, "0123456789") == ""
}

// refusal is ErrRefused as people read it.
func refusal(err error) error {
	return &outreach.Problem{Code: "WEBHOOK_ADDRESS", Detail: "the webhook's address is not dialled", Err: err,
		Fix: "Webhooks go to public https addresses. For a receiver on this machine set DRUMBEAT_WEBHOOK_LOOPBACK=true while you develop."}
}
