package spool

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"

	"drumbeat/internal/outreach"
)

// MarkFile keeps how far the ledger has come in a file of a directory.
type MarkFile struct{ Dir string }

const markName = "mark"

// Kept gives the mark; false: there is none, or what is there cannot be read and
// says nothing.
func (m MarkFile) Kept(context.Context) (outreach.Mark, bool, error) {
	content, err := os.ReadFile(filepath.Join(m.Dir, markName))
	if errors.Is(err, fs.ErrNotExist) {
		return outreach.Mark{}, false, nil
	}
	if err != nil {
		return outreach.Mark{}, false, fmt.Errorf("mark: %w", err)
	}
	var mark outreach.Mark
	var sum uint32
	if _, err := fmt.Sscanf(string(content), "%d %d %08x", &mark.Epoch, &mark.Seq, &sum); err != nil || sum != markSum(mark) {
		return outreach.Mark{}, false, nil // a rename is whole or not at all: somebody else wrote this
	}
	return mark, true, nil
}

// Keep writes a mark, on disk when it returns.
func (m MarkFile) Keep(_ context.Context, mark outreach.Mark) error {
	file, err := os.CreateTemp(m.Dir, ".mark-*")
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	_, err = fmt.Fprintf(file, "%d %d %08x\n", mark.Epoch, mark.Seq, markSum(mark))
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), filepath.Join(m.Dir, markName))
	}
	if err == nil {
		err = syncDir(m.Dir)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("mark: %w", err)
	}
	return nil
}

func markSum(mark outreach.Mark) uint32 {
	return crc32.Checksum(fmt.Appendf(nil, "%d %d", mark.Epoch, mark.Seq), castagnoli)
}
