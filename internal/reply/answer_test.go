package reply

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
)

func TestAnswersBetweenQuotedLinesKeepTheirQuestions(t *testing.T) {
	for _, test := range []struct {
		name, body string
		want       []Answer
	}{
		{
			name: "each under its own question", body: "Hi Dana,\n\n> We spoke in May.\n> Do you use Acme?\n\nYes.\n\n> Shall I stop writing?\n\nNo, it is\nuseful.\n\nBest,\nAna",
			want: []Answer{{"Hi Dana,", ""}, {"Yes.", "We spoke in May.\nDo you use Acme?"}, {"No, it is\nuseful.", "Shall I stop writing?"}},
		},
		{name: "an answer above the whole mail", body: "Yes.\n\nOn 2 Jun 2025 Dana <dana@ours.example> wrote:\n> Shall I stop writing?\n> Dana"},
		{name: "an answer below the whole mail", body: "> Shall I stop writing?\n> Dana\n\nYes."},
		{
			name: "an answer above and one below", body: "Hello!\n\nOn 2 Jun 2025 Dana <dana@ours.example> wrote:\n> Shall I stop writing?\n\nPlease.",
			want: []Answer{{"Hello!", ""}, {"Please.", "Shall I stop writing?"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := split(test.body, outreach.Address{Name: "Ana", Email: "ana@lead.example"}).answers
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
		})
	}
}
