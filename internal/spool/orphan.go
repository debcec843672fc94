package spool

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"drumbeat/internal/outreach"
)

// Orphan is a file of a process that is dead. Remove it when its notes are in the
// ledger, or Release it for somebody else.
type Orphan struct {
	Notes []outreach.Accepted
	Bad   int // lines that a crash tore

	path string
	file *os.File
}

// Orphans gives the files of dead processes in dir, locked; none when there is no
// such directory.
func Orphans(dir string) ([]*Orphan, error) {
	names, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	var found []*Orphan
	for _, name := range names {
		if !strings.HasSuffix(name.Name(), suffix) {
			continue
		}
		o, err := open(filepath.Join(dir, name.Name()))
		if err != nil {
			for _, other := range found {
				other.Release()
			}
			return nil, err
		}
		if o != nil {
			found = append(found, o)
		}
	}
	return found, nil
}

// open takes a file if its process is dead; nil: it is not, or is gone.
func open(path string) (*Orphan, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	free, err := lock(file)
	if err == nil && free && !same(file, path) {
		free = false // somebody else has replayed and removed it meanwhile
	}
	if err != nil || !free {
		return nil, errors.Join(err, file.Close())
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("spool: %w", err), file.Close())
	}
	o := &Orphan{path: path, file: file}
	o.Notes, o.Bad = decode(content)
	return o, nil
}

// same tells whether the path still leads to the open file.
func same(file *os.File, path string) bool {
	held, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(held, there)
}

// Remove deletes the file.
func (o *Orphan) Remove() error {
	return errors.Join(os.Remove(o.path), o.file.Close())
}

// Release leaves the file for another look.
func (o *Orphan) Release() { _ = o.file.Close() }
