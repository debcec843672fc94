// Package dovecottest starts a real Dovecot for tests: unprivileged, on free
// loopback ports, with empty accounts, gone with the test.
package dovecottest

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"drumbeat/internal/clock"
)

// Server is a running Dovecot.
type Server struct {
	Host     string
	Port     int            // clear text and STARTTLS
	TLSPort  int            // TLS from the first byte
	Users    []string       // each with a mailbox of its own
	Password string         // of all of them
	Roots    *x509.CertPool // trusts the server's certificate
}

// accounts is how many users a server has: more than a test has stories.
const accounts = 40

// Start starts a server. Where Dovecot is missing, or is not of the 2.3 whose
// configuration we write, the test is skipped; with CI=true it fails.
func Start(t *testing.T) *Server {
	t.Helper()
	binary := find(t)
	dir, err := os.MkdirTemp("", "dovecot")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &Server{
		Host: "127.0.0.1", Port: freePort(t), TLSPort: freePort(t), Password: "secret", Roots: x509.NewCertPool(),
	}
	var passwd strings.Builder
	for number := range accounts {
		s.Users = append(s.Users, fmt.Sprintf("rep%d@example.test", number))
		passwd.WriteString(s.Users[number] + ":{PLAIN}" + s.Password + "::::::\n")
	}
	account := whoRuns(t)
	s.certify(t, dir)
	write(t, dir, "passwd", passwd.String())
	write(t, dir, "dovecot.conf", s.config(dir, account))
	giveTo(t, dir, account)
	run(t, binary, dir, account)
	s.await(t, dir)
	return s
}

func find(t *testing.T) string {
	t.Helper()
	for _, candidate := range []string{"dovecot", "/usr/sbin/dovecot"} {
		binary, err := exec.LookPath(candidate)
		if err != nil {
			continue
		}
		version, err := exec.Command(binary, "--version").Output()
		if err == nil && strings.HasPrefix(string(version), "2.3.") {
			return binary
		}
	}
	const reason = "no Dovecot 2.3 (apt-get install dovecot-imapd)"
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
	return ""
}

// runner is the user that the server runs as.
type runner struct {
	name, group string
	uid, gid    int
}

// whoRuns is nobody for root, else ourselves.
func whoRuns(t *testing.T) runner {
	t.Helper()
	name := "nobody"
	if os.Getuid() != 0 {
		name = strconv.Itoa(os.Getuid())
	}
	found, err := user.Lookup(name)
	if err != nil {
		found, err = user.LookupId(name)
	}
	must(t, err)
	group, err := user.LookupGroupId(found.Gid)
	must(t, err)
	uid, err := strconv.Atoi(found.Uid)
	must(t, err)
	gid, err := strconv.Atoi(found.Gid)
	must(t, err)
	return runner{name: found.Username, group: group.Name, uid: uid, gid: gid}
}

func (s *Server) config(dir string, account runner) string {
	return strings.NewReplacer(
		"DIR", dir, "USER", account.name, "GROUP", account.group, "TLSPORT", strconv.Itoa(s.TLSPort), "PORT", strconv.Itoa(s.Port),
	).Replace(`protocols = imap
base_dir = DIR/run
state_dir = DIR/state
log_path = DIR/dovecot.log
ssl = yes
ssl_cert = <DIR/cert.pem
ssl_key = <DIR/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
listen = 127.0.0.1
default_internal_user = USER
default_login_user = USER
default_internal_group = GROUP
first_valid_uid = 1
mail_location = maildir:DIR/mail/%u
namespace inbox {
  inbox = yes
  mailbox Gesendet {
    auto = subscribe
    special_use = \Sent
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = PORT
  }
  inet_listener imaps {
    port = TLSPORT
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
passdb {
  driver = passwd-file
  args = scheme=plain username_format=%u DIR/passwd
}
userdb {
  driver = static
  args = uid=USER gid=GROUP home=DIR/mail/%u
}
`)
}

// certify makes a certificate of the server's own.
func (s *Server) certify(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	now := clock.Machine{}.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	certificate, err := x509.ParseCertificate(der)
	must(t, err)
	s.Roots.AddCert(certificate)
	write(t, dir, "cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, dir, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}

func giveTo(t *testing.T, dir string, account runner) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	must(t, os.Chown(dir, account.uid, account.gid))
	for _, entry := range entries {
		must(t, os.Chown(filepath.Join(dir, entry.Name()), account.uid, account.gid))
	}
}

func run(t *testing.T, binary, dir string, account runner) {
	t.Helper()
	command := exec.Command(binary, "-F", "-c", filepath.Join(dir, "dovecot.conf"))
	command.Dir = dir
	if os.Getuid() == 0 {
		command.SysProcAttr = &syscall.SysProcAttr{
			Credential: &syscall.Credential{Uid: uint32(account.uid), Gid: uint32(account.gid)},
		}
	}
	must(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
	})
}

// await logs in until it works: the port opens before the accounts do.
func (s *Server) await(t *testing.T, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		err := s.tryLogin(ctx)
		if err == nil {
			return
		}
		if (clock.Machine{}).Sleep(ctx, 20*time.Millisecond) != nil {
			log, _ := os.ReadFile(filepath.Join(dir, "dovecot.log"))
			t.Fatalf("Dovecot does not answer: %v\n%s", err, log)
		}
	}
}

func (s *Server) tryLogin(ctx context.Context) error {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if _, err := fmt.Fprintf(conn, "a LOGIN %s %s\r\n", s.Users[0], s.Password); err != nil {
		return err
	}
	for lines := bufio.NewReader(conn); ; {
		line, err := lines.ReadString('\n')
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(line, "a OK"):
			return nil
		case strings.HasPrefix(line, "a "):
			return fmt.Errorf("login: %s", strings.TrimSpace(line))
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
