package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"drumbeat/internal/outreach"
	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
	"drumbeat/sequences"
	"drumbeat/sequences/starter"
)

// defaultSequencesDir is where init writes when no directory is named.
const defaultSequencesDir = "sequences"

func newSequenceInitCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a first sequence with all that belongs to it, as a start",
		Long: `Write a first sequence with all that belongs to it into a directory (default:
sequences): mailboxes.yaml, a sequence, its templates, a signature, a framework of
qualification, the JSON Schema for editors and an example of leads. The files are
valid as they stand and say in comments what to change. Nothing that is there is
overwritten: if any of the files exists, none is written (exit 1).`,
		Example: "  drumbeat sequence init\n  drumbeat sequence init outreach/spring",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := defaultSequencesDir
			if len(args) > 0 {
				dir = args[0]
			}
			files, err := starterFiles()
			if err != nil {
				return err
			}
			if err := writeNew(dir, files); err != nil {
				return err
			}
			return printStarted(cmd.OutOrStdout(), dir, files)
		},
	}
}

// starterFile is a file of a new directory of sequences.
type starterFile struct {
	name    string // with slashes, below the directory
	content []byte
}

// starterFiles are the starter's own files, the shipped frameworks and the schema.
func starterFiles() ([]starterFile, error) {
	schema, err := sequenceSchema()
	if err != nil {
		return nil, err
	}
	files := []starterFile{{"schema/sequence.json", schema}}
	for _, from := range []struct {
		tree fs.FS
		root string
	}{{starter.FS, "."}, {sequences.FS, "frameworks"}} {
		err := fs.WalkDir(from.tree, from.root, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(from.tree, name)
			files = append(files, starterFile{name, content})
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read the starter: %w", err)
		}
	}
	slices.SortFunc(files, func(a, b starterFile) int { return strings.Compare(a.name, b.name) })
	return files, nil
}

// writeNew writes the files unless one of them is there already.
func writeNew(dir string, files []starterFile) error {
	for _, file := range files {
		path := filepath.Join(dir, filepath.FromSlash(file.name))
		if _, err := os.Lstat(path); err == nil {
			return bad(&outreach.Problem{Code: "FILE_EXISTS", Detail: path + " is there already; nothing was written",
				Fix: "Name another directory: drumbeat sequence init DIR"})
		}
	}
	for _, file := range files {
		if err := createFile(filepath.Join(dir, filepath.FromSlash(file.name)), file.content); err != nil {
			return unreachable(fmt.Errorf("write the starter: %w", err))
		}
	}
	return nil
}

// createFile makes a file that must not exist, and the directories above it.
func createFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

func printStarted(w io.Writer, dir string, files []starterFile) error {
	for _, file := range files {
		fmt.Fprintln(w, "wrote", filepath.Join(dir, filepath.FromSlash(file.name)))
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, `
Next:
  1. put your server, address and name into %s
  2. export DRUMBEAT_SEQUENCES_DIR=%q
  3. drumbeat sequence validate %s
  4. drumbeat doctor
`, filepath.Join(dir, "mailboxes.yaml"), absolute, dir)
	return err
}

// sequenceSchema is the JSON Schema of sequence files.
func sequenceSchema() ([]byte, error) {
	schema, err := strictyaml.JSONSchema("Drumbeat sequence", sequence.Schema())
	if err != nil {
		return nil, fmt.Errorf("write the schema: %w", err)
	}
	return schema, nil
}
