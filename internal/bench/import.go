package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"drumbeat/internal/clock"
	"drumbeat/internal/config"
	"drumbeat/internal/postgres"
)

// ImportOptions say how long the files are that are taken in.
type ImportOptions struct {
	Rows     []int
	Progress io.Writer
}

// ImportReport is the object of `drumbeat bench import --json`. The ratios compare the
// last size with the first.
type ImportReport struct {
	Sizes     []ImportSize `json:"sizes"`
	RateRatio float64      `json:"rate_ratio"`
	RSSRatio  float64      `json:"rss_ratio"`
}

// ImportSize is one file, taken in by `drumbeat lead import` itself.
type ImportSize struct {
	Rows      int     `json:"rows"`
	PerSecond float64 `json:"rows_per_s"`
	PeakMB    float64 `json:"peak_rss_mb"`
}

// Good tells whether a file ten times as long is taken in as fast, in as much
// memory. How fast in rows depends on the machine.
func (r ImportReport) Good() bool { return r.RateRatio >= 0.7 && r.RSSRatio <= 1.5 }

// Import measures the import of leads.
func Import(ctx context.Context, cfg config.Config, log *slog.Logger, o ImportOptions) (report ImportReport, err error) {
	err = onGround(ctx, cfg, log, func(g *ground) error {
		for _, rows := range o.Rows {
			size, err := g.importRows(ctx, rows)
			if err != nil {
				return err
			}
			tell(o.Progress, "%d rows: %.0f rows/s, peak %.0f MB", rows, size.PerSecond, size.PeakMB)
			report.Sizes = append(report.Sizes, size)
		}
		return nil
	})
	if err == nil {
		first, last := report.Sizes[0], report.Sizes[len(report.Sizes)-1]
		report.RateRatio, report.RSSRatio = last.PerSecond/first.PerSecond, last.PeakMB/first.PeakMB
	}
	return report, err
}

func (g *ground) importRows(ctx context.Context, rows int) (size ImportSize, err error) {
	path := filepath.Join(g.dir, fmt.Sprintf("leads-%d.csv", rows))
	if err := writeFile(path, leadsCSV(rows)); err != nil {
		return ImportSize{}, fmt.Errorf("bench files: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return ImportSize{}, fmt.Errorf("own program: %w", err)
	}
	url, err := postgres.CreateDatabase(ctx, g.admin, fmt.Sprintf("%s_%d", g.name, rows))
	if err != nil {
		return ImportSize{}, err
	}
	defer func() {
		err = errors.Join(err, postgres.DropDatabase(context.WithoutCancel(ctx), g.admin, fmt.Sprintf("%s_%d", g.name, rows)))
	}()
	cmd := exec.CommandContext(ctx, self, "lead", "import", path, "--list", fmt.Sprint("bench-", rows))
	cmd.Env = append(os.Environ(), "DATABASE_URL="+url, "DRUMBEAT_STATE_DIR="+g.dir)
	begun := clock.Machine{}.Now()
	if output, err := cmd.CombinedOutput(); err != nil {
		return ImportSize{}, fmt.Errorf("lead import: %w\n%s", err, output)
	}
	size = ImportSize{Rows: rows, PerSecond: float64(rows) / clock.Machine{}.Since(begun).Seconds()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		size.PeakMB = float64(usage.Maxrss) / 1000 // kB on Linux
	}
	return size, nil
}

func writeFile(path string, content io.Reader) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = io.Copy(file, content)
	return err
}
