package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

const (
	suffix       = ".results"
	fullFile     = 1 << 20               // bytes after which a new file begins
	syncPatience = 20 * time.Millisecond // machine time
)

// Results is the notes of one process. A note is with the operating system when
// Accepted returns, so it outlives the process; it is on disk when the database
// has not taken the result within 20 ms, so it outlives the machine when it is
// needed. All notes that wait then share one sync.
type Results struct {
	dir, process string

	mu     sync.Mutex
	files  []*resultsFile // the last one is written to
	number int
	open   map[noteKey]*resultsFile // not yet in the ledger

	dirty  chan struct{}
	cancel context.CancelFunc
	done   sync.WaitGroup
}

type noteKey struct {
	send  outreach.SendID
	fence int64
}

type resultsFile struct {
	*os.File
	name   string // in the directory: File's own is the one that it was made with
	size   int64
	open   int  // of its notes, not yet in the ledger
	synced bool // nothing was written since the last sync
}

// OpenResults makes the files of a process in dir, which is made too. The
// process's name must be its own alone.
func OpenResults(dir, process string) (*Results, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &Results{dir: dir, process: process, open: make(map[noteKey]*resultsFile), dirty: make(chan struct{}, 1), cancel: cancel}
	if err := r.begin(); err != nil {
		cancel()
		return nil, err
	}
	r.done.Go(func() { r.syncLoop(ctx) })
	return r, nil
}

// begin starts a new file. The caller holds mu, or is the only one yet.
func (r *Results) begin() error {
	r.number++
	name := fmt.Sprintf("%s-%d%s", r.process, r.number, suffix)
	file, err := create(filepath.Join(r.dir, name))
	if err != nil {
		return err
	}
	r.files = append(r.files, &resultsFile{File: file, name: name, synced: true})
	return nil
}

// Accepted notes that a server took a mail.
func (r *Results) Accepted(a outreach.Accepted) error {
	line, err := encode(a)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	file := r.files[len(r.files)-1]
	if file.size >= fullFile {
		if err := r.begin(); err != nil {
			return err
		}
		file = r.files[len(r.files)-1]
	}
	n, err := file.Write(line)
	file.size += int64(n)
	if err != nil {
		file.size = fullFile // half a line may be in it: the next note begins a new file
		return fmt.Errorf("spool: %w", err)
	}
	file.synced = false
	file.open++
	r.open[noteKey{a.SendID, a.Fence}] = file
	select {
	case r.dirty <- struct{}{}:
	default: // the next sync takes this one along
	}
	return nil
}

// Settled forgets a note that the ledger has taken.
func (r *Results) Settled(id outreach.SendID, fence int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := noteKey{id, fence}
	if file, ok := r.open[key]; ok {
		file.open--
		delete(r.open, key)
	}
}

// syncLoop syncs what the database has not taken in time.
func (r *Results) syncLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.dirty:
		}
		if (clock.Machine{}).Sleep(ctx, syncPatience) != nil {
			return
		}
		for _, file := range r.unsynced() {
			_ = file.Sync() // a disk that fails has told the writer, and the database has its own
		}
	}
}

// unsynced are the files that hold notes which only they know.
func (r *Results) unsynced() (files []*os.File) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, file := range r.files {
		if !file.synced && file.open > 0 {
			file.synced = true
			files = append(files, file.File)
		}
	}
	return files
}

// Trim removes what the ledger has. Call it when the mark that covers these
// notes is kept: until then they are the only trace outside the database.
func (r *Results) Trim() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var kept []*resultsFile
	var all []error
	for i, file := range r.files {
		last := i == len(r.files)-1
		switch {
		case file.open > 0 || last && file.size == 0:
			kept = append(kept, file)
		case last:
			all = append(all, file.Truncate(0), rewind(file))
			kept = append(kept, file)
		default:
			all = append(all, os.Remove(r.path(file)), file.Close())
		}
	}
	r.files = kept
	return errors.Join(all...)
}

func rewind(file *resultsFile) error {
	file.size, file.synced = 0, true
	_, err := file.Seek(0, 0)
	return err
}

func (r *Results) path(file *resultsFile) string { return filepath.Join(r.dir, file.name) }

// Close ends the notes. Files that hold something which the ledger has not taken
// stay, for whoever replays them.
func (r *Results) Close() error {
	r.cancel()
	r.done.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []error
	for _, file := range r.files {
		if file.open > 0 {
			all = append(all, file.Sync())
		} else {
			all = append(all, os.Remove(r.path(file)))
		}
		all = append(all, file.Close())
	}
	r.files = nil
	return errors.Join(all...)
}
