package outbound

import (
	"io/fs"
	"path"

	"drumbeat/internal/casestudy"
	"drumbeat/internal/icp"
	"drumbeat/internal/outreach"
	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
)

// takeBeside takes the profile and the case studies along that a sequence asks for,
// from the directories beside it: who may enter and what a mail says must not
// change under a revision.
func (a Apply) takeBeside(report *ApplyReport, s *sequence.Sequence, r *outreach.Revision) {
	if s.Audience.ICP != "" {
		a.takeFile(report, r, icp.Dir+"/"+s.Audience.ICP+".yaml", func(name string, src []byte) []strictyaml.Diagnostic {
			_, diagnostics := icp.Parse(name, src)
			return diagnostics
		})
	}
	if !s.MatchesCaseStudies() {
		return
	}
	entries, err := fs.ReadDir(a.Files, casestudy.Dir)
	if err != nil { // sequence.Check has reported it
		return
	}
	for _, entry := range entries {
		if entry.IsDir() || !isYAML(entry.Name()) {
			continue
		}
		a.takeFile(report, r, path.Join(casestudy.Dir, entry.Name()), func(name string, src []byte) []strictyaml.Diagnostic {
			_, diagnostics := casestudy.Parse(name, src)
			return diagnostics
		})
	}
}

// takeFile puts a file into the revision and reports its faults, once.
func (a Apply) takeFile(report *ApplyReport, r *outreach.Revision, name string, check func(string, []byte) []strictyaml.Diagnostic) {
	src, err := fs.ReadFile(a.Files, name)
	if err != nil { // sequence.Check has reported it
		return
	}
	r.Templates[name] = string(src)
	if _, checked := report.Sources[name]; checked {
		return
	}
	report.Sources[name] = src
	report.Diagnostics = append(report.Diagnostics, check(name, src)...)
}
