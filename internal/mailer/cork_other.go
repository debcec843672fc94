//go:build !linux

package mailer

import "net"

// cork does nothing where the system has no TCP_CORK.
func cork(net.Conn, bool) {}
