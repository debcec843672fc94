package webhook

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"drumbeat/internal/outreach"
)

// names is a resolver of its own: nothing leaves the machine.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	var found []netip.Addr
	for _, text := range n[host] {
		found = append(found, netip.MustParseAddr(text))
	}
	if found == nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return found, nil
}

// rebinding answers with one address first, and with another ever after.
type rebinding struct {
	asked       atomic.Int32
	first, then string
}

func (r *rebinding) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	if r.asked.Add(1) == 1 {
		return []netip.Addr{netip.MustParseAddr(r.first)}, nil
	}
	return []netip.Addr{netip.MustParseAddr(r.then)}, nil
}

// dialled is a client whose every dial is written down instead of made.
func dialled(resolver Resolver, loopback bool) (*Client, *[]string) {
	var all []string
	g := newGate(resolver, loopback)
	g.dial = func(_ context.Context, _, address string) (net.Conn, error) {
		all = append(all, address)
		return nil, errors.New("nothing is dialled in this test")
	}
	return newClient(g), &all
}

func post(c *Client, target string) outreach.WebhookAnswer {
	return c.Post(context.Background(), outreach.WebhookRequest{Method: http.MethodPost, URL: target, Body: []byte(`{}`)})
}

func TestNoWayOfWritingAPrivateAddressIsDialled(t *testing.T) {
	resolver := names{
		"private.attacker.example": {"10.0.0.5"}, "six.attacker.example": {"fd00::5"}, "mapped.attacker.example": {"::ffff:169.254.169.254"},
		"mixed.attacker.example": {"93.184.215.14", "192.168.1.1"}, "mixed6.attacker.example": {"93.184.215.14", "fe80::1"},
		"localhost": {"127.0.0.1", "::1"}, "localhost.": {"127.0.0.1"}, "127.0.0.1.nip.example": {"127.0.0.1"},
		"metadata.google.internal": {"169.254.169.254"}, "router.local": {"192.168.0.1"},
	}
	for _, host := range []string{
		// As it is usually written: loopback, private, link-local, shared, metadata, this network, broadcast, multicast.
		"127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254",
		"100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "0.0.0.0", "0.1.2.3", "255.255.255.255", "224.0.0.1", "198.18.0.1", "240.0.0.1",
		// In numbers of other kinds: decimal, hexadecimal, octal, with parts left out, mixed, with a dot behind.
		"2130706433", "0x7f000001", "0x7F000001", "017700000001", "0177.0.0.1", "0x7f.0.0.1", "127.1", "127.0.1", "0", "0x7f.1",
		"169.254.43518", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "127.0.0.1.", "010.0.0.1", "0xA.0.0.1", "0x", "192.168.257",
		// In IPv6: loopback, unspecified, mapped (in both notations), compatible, translated, NAT64, 6to4, Teredo, unique local, link-local.
		"[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[::ffff:0:10.0.0.1]",
		"[64:ff9b::10.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2001:0:7f00:1::]",
		"[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[fe80::1%25eth0]", "[fec0::1]", "[ff02::1]", "[100::1]", "[2001:db8::1]", "[4000::1]",
		// By name, also where only one of several addresses is private.
		"private.attacker.example", "six.attacker.example", "mapped.attacker.example", "mixed.attacker.example", "mixed6.attacker.example",
		"localhost", "LOCALHOST", "localhost.", "127.0.0.1.nip.example", "metadata.google.internal", "router.local",
		// With characters that some parsers fold into others.
		"①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "127%2E0%2E0%2E1",
	} {
		for _, target := range []string{"https://" + host + "/latest/meta-data", "http://" + host + ":80/", "https://" + host + ":8443"} {
			client, all := dialled(resolver, false)
			answer := post(client, target)
			if len(*all) > 0 {
				t.Errorf("%s was dialled at %v", target, *all)
			}
			if answer.Status != 0 || answer.Error == "" {
				t.Errorf("%s: %+v", target, answer)
			}
		}
	}
}

func TestEveryPrivateBlockIsRefusedFromEndToEnd(t *testing.T) {
	for _, s := range special {
		first := s.block.Masked().Addr()
		last := lastOf(s.block)
		for _, ip := range []netip.Addr{first, last} {
			if err := CheckAddress(ip, false); !errors.Is(err, ErrRefused) {
				t.Errorf("%s (%s) may be dialled: %v", ip, s.name, err)
			}
		}
	}
	for _, public := range []string{"93.184.215.14", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.169.0.0", "2606:2800:21f:cb07::1", "::ffff:8.8.8.8"} {
		if err := CheckAddress(netip.MustParseAddr(public), false); err != nil {
			t.Errorf("%s: %v", public, err)
		}
	}
}

func lastOf(block netip.Prefix) netip.Addr {
	octets := block.Masked().Addr().AsSlice()
	for bit := block.Bits(); bit < 8*len(octets); bit++ {
		octets[bit/8] |= 1 << (7 - bit%8)
	}
	last, _ := netip.AddrFromSlice(octets)
	return last
}

func TestANameThatResolvesDifferentlyAMomentLaterGainsNothing(t *testing.T) {
	resolver := &rebinding{first: "93.184.215.14", then: "169.254.169.254"}
	client, all := dialled(resolver, false)
	post(client, "https://rebind.attacker.example/")
	if len(*all) != 1 || (*all)[0] != "93.184.215.14:443" || resolver.asked.Load() != 1 {
		t.Errorf("dialled %v after %d look-ups, want what was looked at", *all, resolver.asked.Load())
	}
	post(client, "https://rebind.attacker.example/")
	if len(*all) != 1 {
		t.Errorf("dialled %v", *all)
	}
}

func TestWhatTheKernelIsAboutToDialIsLookedAtOnceMore(t *testing.T) {
	g := newGate(names{}, false)
	for address, want := range map[string]error{"127.0.0.1:80": ErrRefused, "[::ffff:10.0.0.1]:443": ErrRefused, "nonsense": ErrRefused, "93.184.215.14:443": nil} {
		if err := g.control(context.Background(), "tcp", address, nil); !errors.Is(err, want) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// counting is a server on this machine that counts who connects.
func counting(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *atomic.Int32) {
	var connected atomic.Int32
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connected.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server, &connected
}

func TestAServerOnThisMachineIsReachedOnlyWhenThatIsAllowed(t *testing.T) {
	server, connected := counting(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	if answer := post(NewClient(Options{}), server.URL); !answer.Refused || connected.Load() != 0 {
		t.Errorf("%+v after %d connections", answer, connected.Load())
	}
	if answer := post(NewClient(Options{Loopback: true}), server.URL); answer.Status != http.StatusAccepted {
		t.Errorf("allowed: %+v", answer)
	}
	// The allowance is for this machine alone.
	client, all := dialled(names{"private.attacker.example": {"10.0.0.5"}}, true)
	for _, target := range []string{"https://10.0.0.1/", "https://169.254.169.254/", "https://[::]/", "https://0.0.0.0/", "https://private.attacker.example/", "http://shop.example/"} {
		if answer := post(client, target); !answer.Refused || len(*all) > 0 {
			t.Errorf("%s: %+v, dialled %v", target, answer, *all)
		}
	}
}

func TestARedirectIsAnAnswerAndNoWayElsewhere(t *testing.T) {
	inner, connected := counting(t, func(http.ResponseWriter, *http.Request) {})
	for _, status := range []int{301, 302, 303, 307, 308} {
		outer, _ := counting(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inner.URL, status) })
		if answer := post(NewClient(Options{Loopback: true}), outer.URL); answer.Status != status || connected.Load() != 0 {
			t.Errorf("%d: %+v, and %d connections to where it points", status, answer, connected.Load())
		}
	}
}

func TestTheRequestIsWhatTheStepSays(t *testing.T) {
	var got *http.Request
	var body []byte
	server, _ := counting(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	answer := NewClient(Options{Loopback: true}).Post(context.Background(), outreach.WebhookRequest{
		Method: http.MethodPut, URL: server.URL + "/leads/7?x=1", Headers: map[string]string{"Authorization": "Bearer abc"}, Body: []byte(`{"a":"ü"}`),
	})
	if answer.Status != http.StatusServiceUnavailable || answer.RetryAfter != 2*time.Minute || answer.Error != "" {
		t.Errorf("answer %+v", answer)
	}
	if got.Method != http.MethodPut || got.RequestURI != "/leads/7?x=1" || string(body) != `{"a":"ü"}` {
		t.Errorf("request %s %s %s", got.Method, got.RequestURI, body)
	}
	for name, want := range map[string]string{"Authorization": "Bearer abc", "Content-Type": "application/json", "User-Agent": "Drumbeat"} {
		if got.Header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Header.Get(name), want)
		}
	}
}

func TestAnEndlessAnswerAndASilentReceiverEnd(t *testing.T) {
	endless, _ := counting(t, func(w http.ResponseWriter, r *http.Request) {
		for page := make([]byte, 32<<10); r.Context().Err() == nil; {
			if _, err := w.Write(page); err != nil {
				return
			}
		}
	})
	if answer := post(NewClient(Options{Loopback: true}), endless.URL); answer.Status != http.StatusOK {
		t.Errorf("endless: %+v", answer)
	}
	silent, _ := counting(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	answer := NewClient(Options{Loopback: true}).Post(context.Background(), outreach.WebhookRequest{Method: "POST", URL: silent.URL, Timeout: 50 * time.Millisecond})
	if answer.Status != 0 || answer.Error != "no answer in time" || answer.Refused {
		t.Errorf("silent: %+v", answer)
	}
}

func TestNoErrorTellsTheURLOrWhatListensThere(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	hangup, _ := counting(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
	})
	plain, _ := counting(t, func(http.ResponseWriter, *http.Request) {})
	for _, base := range []string{
		closed.URL, hangup.URL, strings.Replace(plain.URL, "http", "https", 1), "https://nowhere.example", "https://10.0.0.1", "https://user:token-of-ours@host.example",
		"https://host.example:99999", "ftp://host.example", "://", "https://", "https:///", "https://ho st.example",
	} {
		answer := post(NewClient(Options{Loopback: true, Resolver: names{}}), base+"/token-of-ours?key=token-of-ours")
		if answer.Error == "" || strings.Contains(answer.Error, "token-of-ours") {
			t.Errorf("%s: %+v", base, answer)
		}
	}
}

func TestNoProxyOfTheEnvironmentIsUsed(t *testing.T) {
	proxy, connected := counting(t, func(http.ResponseWriter, *http.Request) {})
	t.Setenv("HTTPS_PROXY", proxy.URL)
	t.Setenv("ALL_PROXY", proxy.URL)
	client, all := dialled(names{"hooks.example": {"93.184.215.14"}}, false)
	post(client, (&url.URL{Scheme: "https", Host: "hooks.example"}).String())
	if connected.Load() != 0 || len(*all) != 1 || (*all)[0] != "93.184.215.14:443" {
		t.Errorf("dialled %v, the proxy %d times", *all, connected.Load())
	}
}
