package render_test

import (
	"strings"
	"sync"
	"testing"
)

func TestManyGoroutinesShareATemplateWithoutMixingLeads(t *testing.T) {
	template := mustParse(t, "Hi {{ first_name }}{% if title %}, **{{ title }}**{% endif %}")
	var group sync.WaitGroup
	for _, name := range []string{"Ada", "Grace", "Mary", "Joan"} {
		group.Go(func() {
			lead := ada()
			lead.FirstName = name
			for i := range 50 {
				lead.Title = strings.Repeat("x", i%2)
				want := strings.TrimSuffix("Hi "+name+", "+lead.Title, ", ") + "\n"
				if got, err := template.Render(vars(lead)); err != nil || got.Text != want {
					t.Errorf("text %q, error %v, want %q", got.Text, err, want)
				}
			}
		})
	}
	group.Wait()
}
