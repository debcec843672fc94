package bench

import (
	"math/rand/v2"
	"time"

	"drumbeat/internal/mailworld"
)

// scriptFaults gives a tenth of the recipients a server that does not do its
// part, in every way that an SMTP dialogue knows.
func (c *crash) scriptFaults() {
	random := rand.New(rand.NewPCG(c.Seed, 2))
	faults := []struct {
		perMille int
		fault    mailworld.Fault
	}{
		{20, mailworld.Fault{At: mailworld.AtRcpt, Times: 1, Code: 450, Text: "4.2.0 greylisted"}},
		{10, mailworld.Fault{At: mailworld.AtRcpt, Code: 550, Text: "5.1.1 no such user"}},
		{5, mailworld.Fault{At: mailworld.AtData, Times: 1, Code: 451, Text: "4.3.0 later"}},
		{5, mailworld.Fault{At: mailworld.AtData, Times: 1, Ending: mailworld.Drop}},
		{20, mailworld.Fault{At: mailworld.AtDot, Times: 1, Code: 451, Text: "4.3.0 later"}},
		{5, mailworld.Fault{At: mailworld.AtDot, Code: 552, Text: "5.3.4 too big"}},
		{5, mailworld.Fault{At: mailworld.AtDot, Ending: mailworld.AcceptDrop}},
		{5, mailworld.Fault{At: mailworld.AtDot, Ending: mailworld.Drop}},
		{10, mailworld.Fault{At: mailworld.AtDot, Ending: mailworld.AnswerClose}},
		{5, mailworld.Fault{At: mailworld.AtDot, Times: 1, Code: 421, Text: "4.3.2 shutting down"}},
		{5, mailworld.Fault{At: mailworld.AtDot, Delay: 3 * time.Second}},
		{5, mailworld.Fault{At: mailworld.AtRset, Ending: mailworld.Drop}},
	}
	for i := range c.Leads {
		dice := random.IntN(1000)
		for _, f := range faults {
			if dice < f.perMille {
				c.sink.Fault(leadAddress(i), f.fault)
				break
			}
			dice -= f.perMille
		}
	}
}
