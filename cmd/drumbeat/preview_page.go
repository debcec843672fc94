package main

import (
	_ "embed"
	"html/template"
	"os"

	"drumbeat/internal/outbound"
)

//go:embed preview.html
var previewPage string

// writePreviewPage writes all steps as one page that needs nothing else. Each HTML
// part stands in a frame of its own, without scripts, as a mail program shows it.
func writePreviewPage(path string, p previewed) error {
	page, err := template.New("preview").Parse(previewPage)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	err = page.Execute(file, struct {
		Sequence, Lead, From string
		Revision             int
		Steps                []outbound.PreviewedStep
	}{p.sequence, p.lead.Name() + " <" + p.lead.Email + ">", p.from.Address.Name + " <" + p.from.Address.Email + ">", p.revision, p.steps})
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
