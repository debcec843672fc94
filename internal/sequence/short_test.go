package sequence_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
	"drumbeat/internal/sequence"
)

const short = `version: 1
id: hello
owner: dana
steps: [{email: a.md}, {wait: 3d, email: b.md}]
`

func TestTheShortFormHasSafeDefaults(t *testing.T) {
	got, diagnostics := sequence.Parse("hello.yaml", []byte(short))
	if len(diagnostics) > 0 {
		t.Fatalf("diagnostics: %+v", diagnostics)
	}
	want := &sequence.Sequence{
		ID: "hello", Name: "hello", Owner: "dana", Goal: sequence.GoalPositive,
		Send: sequence.Send{
			Rotation:      sequence.RotationLeastLoaded,
			Holidays:      sequence.HolidaysNone,
			Window:        schedule.Window{Days: schedule.Workdays, From: 9 * 60, To: 17 * 60},
			Timezone:      sequence.TimezoneLead,
			Gap:           schedule.Gap{Min: 4 * time.Minute, Max: 11 * time.Minute},
			DailyNewLeads: 25,
			Format:        sequence.FormatHTML, Unknown: sequence.UnknownAssumedSent,
		},
		Steps: []sequence.Step{
			{ID: "a", Email: &sequence.Email{Template: "a.md", Thread: sequence.ThreadNew}},
			{ID: "b", Wait: schedule.Wait{Days: 3}, Email: &sequence.Email{Template: "b.md", Thread: sequence.ThreadReply}},
		},
		OnReply: map[outreach.Label]sequence.Reaction{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Parse (-want +got):\n%s", diff)
	}
}
