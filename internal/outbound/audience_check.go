package outbound

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"drumbeat/internal/address"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/roster"
	"drumbeat/internal/sequence"
	"drumbeat/internal/zone"
)

// What the check of an audience looks for. The first three keep mails from going
// out; the others are for a person to judge.
const (
	FindingNeedsData     = "NEEDS_DATA"      // a field is missing: the lead waits
	FindingCannotRender  = "CANNOT_RENDER"   // the step cannot be rendered for the lead whatever the data
	FindingNeverOpens    = "NEVER_OPENS"     // the window does not open where the lead is
	FindingLongSubject   = "LONG_SUBJECT"    // longer than most programs show
	FindingSameTwice     = "SAME_MAIL_TWICE" // a lead gets the same text in two steps
	FindingNotPersonal   = "NOT_PERSONAL"    // many leads get the same text, word for word
	FindingNoCommonHour  = "NO_COMMON_HOUR"  // lead and mailbox are never at work at the same time
	FindingSharedAddress = "SHARED_ADDRESS"  // info@, sales@: nobody there is called by name
)

// longSubject is how many characters of a subject most programs show.
const longSubject = 78

// fewLeads is how many leads may get one text word for word before it is said.
const fewLeads = 20

// Finding is one kind of trouble at one step.
type Finding struct {
	Code  string
	Step  outreach.StepID // empty: not about a step
	Count int             // leads
	Why   string          // what is missing, of the first lead
	Leads []string        // the first addresses
}

// Blocks tells whether mails will not go out for it.
func (f Finding) Blocks() bool {
	return f.Code == FindingNeedsData || f.Code == FindingCannotRender || f.Code == FindingNeverOpens
}

// AudienceReport is what the check of a list came to.
type AudienceReport struct {
	Leads    int // that were looked at
	Mails    int // that were rendered
	Findings []Finding
}

// shownLeads is how many addresses a finding names.
const shownLeads = 5

// Audience is a sequence and whom it is to go to.
type Audience struct {
	Revision outreach.Revision
	Roster   *roster.Roster
	Senders  map[outreach.MailboxID]SenderIdentity
	Now      time.Time
	Progress func(leads int) // may be nil; called from several goroutines at a time
}

// Check renders every step for every lead, on all processors, and gathers what a
// person would want to know before the first mail goes.
func (a Audience) Check(ctx context.Context, leads []outreach.Lead) (AudienceReport, error) {
	ready, err := parseRevision(a.Revision)
	if err != nil {
		return AudienceReport{}, err
	}
	ids := ready.Send.Mailboxes
	if len(ids) == 0 {
		ids = a.Roster.MailboxesOf(ready.Owner)
	}
	if len(ids) == 0 {
		return AudienceReport{}, fmt.Errorf("mailboxes of %s: %w", ready.ID, outreach.ErrNotFound)
	}
	mailbox, _ := a.Roster.Mailbox(ids[0])
	seed := maphash.MakeSeed()
	parts := make([]*gathering, runtime.GOMAXPROCS(0))
	group, ctx := errgroup.WithContext(ctx)
	for i := range parts {
		parts[i] = &gathering{Audience: a, script: ready, mailbox: mailbox, from: a.Senders[ids[0]], seed: seed, found: map[findingKey]*Finding{}, texts: map[textKey]*sameText{}}
		group.Go(func() error {
			for at := i; at < len(leads) && ctx.Err() == nil; at += len(parts) {
				parts[i].lead(leads[at])
				if a.Progress != nil {
					a.Progress(at)
				}
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return AudienceReport{}, err
	}
	for _, part := range parts[1:] {
		parts[0].join(part)
	}
	return parts[0].report(len(leads)), nil
}

type findingKey struct {
	code string
	step outreach.StepID
	why  string // of what is missing, so that each field is told apart
}

type textKey struct {
	step outreach.StepID
	sum  uint64
}

type sameText struct {
	count int
	leads []string
}

// gathering is the part of one goroutine.
type gathering struct {
	Audience
	script  *script
	mailbox roster.Mailbox
	from    SenderIdentity
	seed    maphash.Seed
	found   map[findingKey]*Finding
	texts   map[textKey]*sameText
	mails   int
}

func (g *gathering) note(code string, step outreach.StepID, why string, lead outreach.Lead) {
	key := findingKey{code: code, step: step}
	if code == FindingNeedsData || code == FindingCannotRender {
		key.why = why
	}
	f := g.found[key]
	if f == nil {
		f = &Finding{Code: code, Step: step, Why: why}
		g.found[key] = f
	}
	f.Count++
	if len(f.Leads) < shownLeads {
		f.Leads = append(f.Leads, lead.Email)
	}
}

// lead looks at all steps of one lead.
func (g *gathering) lead(lead outreach.Lead) {
	g.hours(lead)
	if address.Role(lead.Email) {
		g.note(FindingSharedAddress, "", "the address is a function's, not a person's", lead)
	}
	seen := map[uint64]outreach.StepID{}
	for _, step := range g.script.Steps {
		if step.Email == nil {
			continue
		}
		content, err := g.render(step, lead)
		if err != nil {
			g.cannot(step, lead, err)
			continue
		}
		g.mails++
		if n := utf8.RuneCountInString(content.Subject); n > longSubject {
			g.note(FindingLongSubject, step.ID, fmt.Sprintf("%d characters: %s", n, content.Subject), lead)
		}
		sum := maphash.String(g.seed, content.Text)
		if earlier, twice := seen[sum]; twice {
			g.note(FindingSameTwice, step.ID, fmt.Sprintf("the text is that of the step %q", earlier), lead)
		}
		seen[sum] = step.ID
		same := g.texts[textKey{step.ID, sum}]
		if same == nil {
			same = &sameText{}
			g.texts[textKey{step.ID, sum}] = same
		}
		same.add(1, lead.Email)
	}
}

// render writes a step's mail as it would go, but for the link to unsubscribe,
// which is no lead's own.
func (g *gathering) render(step sequence.Step, lead outreach.Lead) (outreach.Content, error) {
	claim := outreach.Claimed{Send: outreach.Send{StepID: step.ID, ClaimedAt: g.Now}, Due: outreach.DueStep{Lead: lead}}
	return g.script.content(claim, g.from, outreach.Mail{UnsubscribeMailto: render.UnsubscribeMailto(g.from.Address.Email, "EXAMPLE")})
}

func (g *gathering) cannot(step sequence.Step, lead outreach.Lead, err error) {
	if needs := (*render.NeedsDataError)(nil); errors.As(err, &needs) {
		g.note(FindingNeedsData, step.ID, needs.Error(), lead)
		return
	}
	g.note(FindingCannotRender, step.ID, err.Error(), lead)
}

// hours asks when the lead can be written to, and whether somebody at the mailbox
// is at work then.
func (g *gathering) hours(lead outreach.Lead) {
	place := g.script.Send.ZoneFor(lead, g.mailbox.Timezone, g.Now)
	calendar, err := g.script.Send.Calendar(place.Name, lead)
	if err != nil {
		g.note(FindingNeverOpens, "", err.Error(), lead)
		return
	}
	if _, opens := calendar.Next(g.Now); !opens {
		g.note(FindingNeverOpens, "", fmt.Sprintf("%s in %s does not open in the next two months", calendar.Window, zoneName(place)), lead)
		return
	}
	ours, err := zone.Locations(g.mailbox.Timezone)
	if err != nil {
		return
	}
	calendar.Zones = append(slices.Clone(calendar.Zones), ours...)
	if _, common := calendar.Next(g.Now); !common {
		g.note(FindingNoCommonHour, "", fmt.Sprintf("%s of %s and of the mailbox's %s", calendar.Window, zoneName(place), g.mailbox.Timezone), lead)
	}
}

func (s *sameText) add(n int, leads ...string) {
	s.count += n
	s.leads = append(s.leads, leads[:min(len(leads), max(0, shownLeads-len(s.leads)))]...)
}

// join takes over what another goroutine found.
func (g *gathering) join(other *gathering) {
	g.mails += other.mails
	for key, f := range other.found {
		mine := g.found[key]
		if mine == nil {
			g.found[key] = f
			continue
		}
		mine.Count += f.Count
		mine.Leads = append(mine.Leads, f.Leads...)
	}
	for key, same := range other.texts {
		if mine := g.texts[key]; mine != nil {
			mine.add(same.count, same.leads...)
		} else {
			g.texts[key] = same
		}
	}
}

func (g *gathering) report(leads int) AudienceReport {
	r := AudienceReport{Leads: leads, Mails: g.mails}
	for _, f := range g.found {
		slices.Sort(f.Leads)
		f.Leads = f.Leads[:min(len(f.Leads), shownLeads)]
		r.Findings = append(r.Findings, *f)
	}
	for key, same := range g.texts {
		if same.count > fewLeads {
			slices.Sort(same.leads)
			r.Findings = append(r.Findings, Finding{Code: FindingNotPersonal, Step: key.step, Count: same.count, Leads: same.leads,
				Why: "they get the same text, word for word"})
		}
	}
	place := func(f Finding) int { return indexOf(g.script.Sequence, f.Step) }
	slices.SortFunc(r.Findings, func(a, b Finding) int {
		if a.Blocks() != b.Blocks() {
			return map[bool]int{true: -1, false: 1}[a.Blocks()]
		}
		if d := place(a) - place(b); d != 0 {
			return d
		}
		if d := strings.Compare(a.Code, b.Code); d != 0 {
			return d
		}
		return b.Count - a.Count
	})
	return r
}
