package outbound

import (
	"io/fs"
	"path"

	"drumbeat/internal/casestudy"
	"drumbeat/internal/icp"
	"drumbeat/internal/outreach"
	"drumbeat/internal/sequence"
)

// takeBeside takes the profile and the case studies along that a sequence asks for,
// from the directories beside it: who may enter and what a mail says must not
// change under a revision. Faults of the files are sequence.Check's to report.
func (a Apply) takeBeside(s *sequence.Sequence, r *outreach.Revision) {
	var names []string
	if s.Audience.ICP != "" {
		names = append(names, path.Join(icp.Dir, s.Audience.ICP+".yaml"))
	}
	if s.MatchesCaseStudies() {
		studies, err := fs.Glob(a.Files, casestudy.Dir+"/*.yaml")
		if err == nil { // the pattern is good: Glob has no other error
			names = append(names, studies...)
		}
	}
	for _, name := range names {
		if src, err := fs.ReadFile(a.Files, name); err == nil {
			r.Templates[name] = string(src)
		}
	}
}
