package mailbox_test

import (
	"crypto/tls"

	"drumbeat/internal/mailbox"
)

func testTLS(account mailbox.Account) *tls.Config {
	return &tls.Config{ServerName: account.Host, RootCAs: account.InsecureTestRoots}
}
