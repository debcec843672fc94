package embedded

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"drumbeat/internal/outreach"
)

// superuser owns everything in an embedded cluster.
const superuser = "drumbeat"

// cluster is a Postgres data directory and the programs that can run it.
type cluster struct {
	home     home
	programs installation
	password string
}

func (h home) dataDir() string { return h.path("data") }

// openCluster finds the programs for the home's data, and makes the data if
// there are none yet.
func openCluster(h home, found []installation) (*cluster, error) {
	version, err := os.ReadFile(filepath.Join(h.dataDir(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return initCluster(h, found[0])
	}
	if err != nil {
		return nil, h.unusable(err)
	}
	programs, err := programsFor(h, strings.TrimSpace(string(version)), found)
	if err != nil {
		return nil, err
	}
	password, err := os.ReadFile(h.path("password"))
	if err != nil {
		return nil, h.unusable(err)
	}
	return &cluster{home: h, programs: programs, password: string(password)}, nil
}

// programsFor picks the installation of the version that made the data: Postgres
// cannot open the data of another major version.
func programsFor(h home, version string, found []installation) (installation, error) {
	var have []string
	for _, inst := range found {
		if inst.major == majorIn(version) {
			return inst, nil
		}
		have = append(have, fmt.Sprintf("%d (%s)", inst.major, inst.bin))
	}
	return installation{}, &outreach.Problem{
		Code:   "POSTGRES_VERSION",
		Detail: fmt.Sprintf("the data in %s were made by Postgres %s; found here: %s", h.dataDir(), version, strings.Join(have, ", ")),
		Fix: fmt.Sprintf("install Postgres %s, or name its programs: PG_BINDIR=/usr/lib/postgresql/%s/bin\n"+
			"or move the data over with pg_upgrade; or set DRUMBEAT_STATE_DIR to start with an empty database", version, version),
	}
}

// initCluster makes the data beside their place and moves them there, so that an
// interrupted initdb leaves nothing that looks complete.
func initCluster(h home, programs installation) (*cluster, error) {
	if blocked, _ := h.owner.blockedAt(programs.bin); blocked != "" {
		return nil, &outreach.Problem{
			Code:   "PG_BINDIR_CLOSED",
			Detail: fmt.Sprintf("the server runs as %s, who cannot enter %s to run the programs in %s", h.owner.name, blocked, programs.bin),
			Fix:    "install Postgres for all users, or run drumbeat as an ordinary user",
		}
	}
	c := &cluster{home: h, programs: programs, password: rand.Text()}
	fresh := h.path("data.new")
	if err := os.RemoveAll(fresh); err != nil {
		return nil, h.unusable(err)
	}
	if err := h.write("password", []byte(c.password)); err != nil {
		return nil, err
	}
	if err := c.runInitdb(fresh); err != nil {
		return nil, err
	}
	if err := os.Rename(fresh, h.dataDir()); err != nil {
		return nil, h.unusable(err)
	}
	return c, nil
}

func (c *cluster) runInitdb(dir string) error {
	args := []string{"-D", dir, "-U", superuser, "-A", "scram-sha-256", "--pwfile", c.home.path("password"),
		"-E", "UTF8", "--locale=C"}
	if c.home.throwaway {
		args = append(args, "--no-sync")
	}
	out, err := c.home.command(filepath.Join(c.programs.bin, "initdb"), args...).CombinedOutput()
	if err == nil {
		return nil
	}
	return &outreach.Problem{
		Code:   "POSTGRES_INIT",
		Detail: "initdb could not make a database in " + dir + ":\n" + lastLines(string(out), 5),
		Fix:    "check the free space and the rights there, or set DRUMBEAT_STATE_DIR to another directory",
		Err:    err,
	}
}

// arguments of the server. Only programs on this machine can reach it.
func (c *cluster) arguments(port int) []string {
	settings := []string{
		"listen_addresses=127.0.0.1", "unix_socket_directories=",
		"shared_buffers=64MB", "max_connections=200", "timezone=UTC", "log_timezone=UTC",
	}
	if c.home.throwaway {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	args := []string{"-D", c.home.dataDir(), "-p", fmt.Sprint(port)}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}

// lastLines is the end of a server's output.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
