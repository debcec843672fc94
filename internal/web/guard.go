package web

import (
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
)

// guard answers a panic with 500 and gives every answer the headers that keep
// what a lead wrote from doing anything in a browser.
func guard(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		defer func() {
			if problem := recover(); problem != nil {
				log.ErrorContext(r.Context(), "handler panicked", "path", r.URL.Path, "panic", problem)
				http.Error(w, "internal error", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// onlyHosts refuses requests for any other name: without it a web page could
// have its own name point to 127.0.0.1 and read the team's pages (DNS rebinding).
func onlyHosts(allowed []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host := hostName(r.Host); !loopback(host) && !slices.Contains(allowed, host) {
			http.Error(w, "these pages are not served under this name", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func hostName(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
