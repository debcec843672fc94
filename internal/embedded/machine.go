package embedded

import (
	"fmt"
	"log/slog"
	"net"
	"time"

	"drumbeat/internal/outreach"
)

// freePort is a TCP port on the loopback address that nobody listens on now.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func noPort(err error) error {
	return &outreach.Problem{
		Code:   "NO_FREE_PORT",
		Detail: "no free port on 127.0.0.1",
		Fix:    "is the loopback interface up? ip link set lo up",
		Err:    err,
	}
}

// accepts tells whether somebody listens on the port.
func accepts(port int) bool {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", fmt.Sprint(port)), time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// logger is l, or a silent one.
func logger(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l
}
