package mailer

import (
	"net"
	"syscall"
)

// cork holds back a part-filled packet until it is taken off, for 200 ms at most
// (TCP_CORK, tcp(7)): the end of a body goes in one packet with the dot behind it, which saves
// a server that takes many mails half of its wakings. What cannot be corked is sent as it is.
func cork(socket net.Conn, on bool) {
	tcp, ok := socket.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	value := 0
	if on {
		value = 1
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_CORK, value)
	})
}
