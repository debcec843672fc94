package qualify_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
	"drumbeat/internal/qualify"
	"drumbeat/sequences"
)

func bant(t *testing.T) *qualify.Framework {
	t.Helper()
	all, faults, err := qualify.LoadFrameworks(sequences.FS)
	if err != nil || len(faults) > 0 || all["bant"] == nil {
		t.Fatalf("frameworks %v, faults %v, error %v", all, faults, err)
	}
	return all["bant"]
}

func fact(name string, status outreach.FactStatus) outreach.Fact {
	return outreach.Fact{Name: name, Status: status, At: monday}
}

func TestBANTShowsWhatIsKnownAndWhatToAskNext(t *testing.T) {
	tests := []struct {
		name   string
		facts  []outreach.Fact
		filled string
		score  int
		passed bool
		next   string
	}{
		{"nothing is known", nil, "", 0, false, "What problem"},
		{"a denied fact is an answer and does not count", []outreach.Fact{fact("budget", "denied"), fact("interest", "known")}, "Need+ Budget-", 30, false, "Besides you"},
		{"known goes before denied", []outreach.Fact{fact("authority", "denied"), fact("economic_buyer", "known")}, "Authority+", 25, false, "What problem"},
		{"the later fact counts", []outreach.Fact{{Name: "budget", Status: "known", At: monday.AddDate(0, 0, 1)}, fact("budget", "denied")}, "Budget+", 25, false, "What problem"},
		{"three of four pass", []outreach.Fact{fact("pain", "known"), fact("funds", "known"), fact("timeline", "known")}, "Need+ Budget+ Timeline+", 75, true, "Besides you"},
		{"nothing is left to ask", []outreach.Fact{fact("pain", "known"), fact("funds", "denied"), fact("timeline", "denied"), fact("authority", "denied")},
			"Need+ Authority- Budget- Timeline-", 30, false, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := bant(t).View(test.facts)
			var filled []string
			for _, f := range v.Filled {
				mark := "-"
				if f.Met {
					mark = "+"
				}
				filled = append(filled, f.Criterion.Name+mark)
			}
			if diff := cmp.Diff(test.filled, strings.Join(filled, " ")); diff != "" {
				t.Errorf("filled (-want +got):\n%s", diff)
			}
			if v.Score != test.score || v.Passed != test.passed || !strings.HasPrefix(v.NextQuestion, test.next) || (test.next == "") != (v.NextQuestion == "") {
				t.Errorf("score %d passed %v next %q", v.Score, v.Passed, v.NextQuestion)
			}
			if len(v.Filled)+len(v.Missing) != 4 {
				t.Errorf("%d filled and %d missing", len(v.Filled), len(v.Missing))
			}
		})
	}
}

func TestABadFrameworkIsRefused(t *testing.T) {
	good := "version: 1\nid: x\npass: 1\ncriteria:\n  - {id: a, facts: [budget], question: q}\n"
	if _, faults := qualify.ParseFramework("x.yaml", []byte(good)); len(faults) > 0 {
		t.Fatal(faults)
	}
	for name, test := range map[string]struct{ src, code string }{
		"an unknown fact":       {strings.Replace(good, "budget", "bugdet", 1), "BAD_VALUE"},
		"no fact":               {strings.Replace(good, "[budget]", "[]", 1), "FRAMEWORK_CRITERION"},
		"more than there are":   {strings.Replace(good, "pass: 1", "pass: 2", 1), "FRAMEWORK_PASS"},
		"two of the same id":    {good + "  - {id: a, facts: [funds], question: q}\n", "FRAMEWORK_CRITERION"},
		"a key that is unknown": {good + "x: 1\n", "UNKNOWN_KEY"},
	} {
		t.Run(name, func(t *testing.T) {
			f, faults := qualify.ParseFramework("x.yaml", []byte(test.src))
			if f != nil || len(faults) != 1 || faults[0].Code != test.code {
				t.Errorf("framework %v, faults %v, want %s", f, faults, test.code)
			}
		})
	}
}

func TestTheChecklistTellsDoneAndNext(t *testing.T) {
	tests := []struct {
		name string
		p    qualify.Progress
		want string
	}{
		{"a new lead", qualify.Progress{Lead: outreach.Lead{Stage: outreach.StageNew}}, "done next open open open open open open"},
		{"one who objects", qualify.Progress{
			Lead: outreach.Lead{Stage: outreach.StageQualifying, Stopped: outreach.StopReplied}, Sent: 2, Replied: true,
			View: qualify.View{NextQuestion: "why?"}, OpenObjections: []outreach.Label{"price"}, Objections: 1,
		}, "done done next open next open open open"},
		{"one who was put off", qualify.Progress{Lead: outreach.Lead{Stage: outreach.StageNurture, Stopped: outreach.StopReplied}, Sent: 1, Replied: true, Reminder: may}, "done done open open open open next open"},
		{"one who is won", qualify.Progress{Lead: outreach.Lead{Stage: outreach.StageWon}, Sent: 1, Replied: true}, "done done done done open done open next"},
		{"one who is out", qualify.Progress{Lead: outreach.Lead{Stage: outreach.StageDoNotContact}, Sent: 1, Replied: true}, "done done over over over over over over"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var states []string
			for i, phase := range qualify.Phases(test.p) {
				states = append(states, string(phase.State))
				if phase.Number != i+1 || phase.Name == "" || phase.Why == "" {
					t.Errorf("phase %+v", phase)
				}
			}
			if diff := cmp.Diff(test.want, strings.Join(states, " ")); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
		})
	}
}
