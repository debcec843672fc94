package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"drumbeat/internal/classify"
	"drumbeat/internal/reply"
)

func newReplyCommand() *cobra.Command {
	return needSubcommand(&cobra.Command{Use: "reply", Short: "Understand replies"},
		newReplyClassifyCommand(), newReplyCorrectCommand(), newReplyEvalCommand(), newReplyExportCommand(), newReplyTrainCommand())
}

func newReplyClassifyCommand() *cobra.Command {
	asJSON := false
	command := &cobra.Command{
		Use:   "classify FILE.eml...",
		Short: "Tell kind, label, new words, days and people of raw mails",
		Long: `Tell kind, label, new words, days and people of raw mails, as the service does
when they arrive. Needs no server. "Today" is each mail's own Date.

One thing only the service knows: whom our mail went to. A report that has nothing but
words for an unknown user is soft here, since filters say so of people who exist; of
the lead's own address, to which we wrote, the service takes it as hard.

Exit code 0: all mails were read; 1: some could not be, the others are answered.`,
		Example: "  drumbeat reply classify answer.eml\n  drumbeat reply classify --json inbox/*.eml",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			return classifyFiles(cmd.OutOrStdout(), files, asJSON)
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "one JSON object a file, on a line of its own")
	return command
}

// classifyFiles answers every file; those that cannot be read make it end with
// exit code 1 after the others.
func classifyFiles(w io.Writer, files []string, asJSON bool) error {
	unread := 0
	for _, file := range files {
		answer, err := classifyFile(file)
		if err != nil {
			unread++
		}
		if err := printReply(w, file, answer, err, asJSON); err != nil {
			return fmt.Errorf("write the answer for %s: %w", file, err)
		}
	}
	if unread > 0 {
		return bad(nil)
	}
	return nil
}

func classifyFile(file string) (replyAnswer, error) {
	raw, err := readMail(file)
	if err != nil {
		return replyAnswer{}, err
	}
	message, err := reply.Parse(raw, time.Time{})
	if err != nil {
		return replyAnswer{}, err
	}
	return newReplyAnswer(file, &message, classify.Classify(classify.InputOf(&message))), nil
}

// maxMailFile is how much of a file is read: beyond it package reply would cut
// the mail anyway.
const maxMailFile = 26 << 20

func readMail(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, plainPathError(err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxMailFile))
	if err != nil {
		return nil, plainPathError(err)
	}
	return raw, nil
}

// plainPathError drops the path, which the answer names already.
func plainPathError(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// printReply writes one answer, or why there is none.
func printReply(w io.Writer, file string, answer replyAnswer, failure error, asJSON bool) error {
	switch {
	case failure != nil && asJSON:
		return json.NewEncoder(w).Encode(unreadMail{file, failure.Error()})
	case failure != nil:
		_, err := fmt.Fprintf(w, "%s\n  cannot be read: %s\n", file, failure)
		return err
	case asJSON:
		return json.NewEncoder(w).Encode(answer)
	}
	return answer.print(w)
}
