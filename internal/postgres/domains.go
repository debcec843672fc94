package postgres

// atOrBelow is the condition that a host, given as an SQL expression, is a domain or
// lies below it. On leads.domain the index leads_company serves it. "/" is the
// character after ".": the range holds exactly the hosts below the domain.
func atOrBelow(host, domain string) string {
	return `(reverse(` + host + `) = reverse(` + domain + `) OR (reverse(` + host + `) ~>=~ (reverse(` + domain + `) || '.')
		AND reverse(` + host + `) ~<~ (reverse(` + domain + `) || '/')))`
}

// isSuppressed is the condition that a lead, in a table of that name, must never be
// mailed: its address is suppressed, or its host or a domain above it.
func isSuppressed(lead string) string {
	return `EXISTS (SELECT FROM suppressions p WHERE (p.kind = 'address' AND p.value = ` + lead + `.email_key)
		OR (p.kind = 'domain' AND p.value = ANY(host_and_above(` + lead + `.domain))))`
}
