package config

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"drumbeat/internal/outreach"
)

// SigningKey is the key for tokens: DRUMBEAT_SECRET or, without it, a key that is
// made at first use and kept in stateDir; see Warnings.
func (c Config) SigningKey(stateDir string) ([]byte, error) {
	if c.Secret != "" {
		return []byte(c.Secret), nil
	}
	return keptKey(filepath.Join(stateDir, "secret"))
}

// keptKey reads the key, or makes it. Of two processes that make it at once one
// wins, and both use the winner's: a link, unlike a rename, replaces nothing.
func keptKey(path string) ([]byte, error) {
	key, err := os.ReadFile(path)
	if err == nil && len(strings.TrimSpace(string(key))) < shortestSecret {
		err = errors.New("it is cut off") // with it anybody could make tokens
	}
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return key, keyProblem(path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, keyProblem(path, err)
	}
	draft := path + "." + rand.Text()
	defer os.Remove(draft)
	if err := os.WriteFile(draft, []byte(rand.Text()+rand.Text()), 0o600); err != nil {
		return nil, keyProblem(path, err)
	}
	if err := os.Link(draft, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, keyProblem(path, err)
	}
	key, err = os.ReadFile(path)
	return key, keyProblem(path, err)
}

func keyProblem(path string, err error) error {
	if err == nil {
		return nil
	}
	return &outreach.Problem{
		Code:   "SECRET_KEPT",
		Detail: "the signing key in " + path + " can be neither read nor made",
		Fix:    "set DRUMBEAT_SECRET, or DRUMBEAT_STATE_DIR to a directory that this user can write",
		Err:    err,
	}
}
