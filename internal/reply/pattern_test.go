package reply_test

import (
	"testing"

	"drumbeat/internal/pattern"
)

func TestEveryPatternCompiles(t *testing.T) {
	t.Parallel()
	if err := pattern.Check(); err != nil {
		t.Error(err)
	}
}
