package sequence_test

import (
	"os"
	"regexp"
	"testing"

	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
)

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

func TestTheSequencesOfTheWebhookDocsAreValid(t *testing.T) {
	page, err := os.ReadFile("../../docs/WEBHOOKS.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := yamlBlock.FindAllSubmatch(page, -1)
	if len(blocks) == 0 {
		t.Fatal("the page shows no sequence")
	}
	for _, block := range blocks {
		if parsed, diagnostics := sequence.Parse("WEBHOOKS.md", block[1]); parsed == nil || strictyaml.HasErrors(diagnostics) {
			t.Errorf("%s\n%+v", block[1], diagnostics)
		}
	}
}
