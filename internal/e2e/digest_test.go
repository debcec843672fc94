package e2e

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
)

// notices are the accepted mails to reps of a purpose, by their keys.
func (r *run) notices(t *testing.T, purpose outreach.Purpose) map[string]mailworld.Accept {
	t.Helper()
	keys := map[string]string{}
	for _, row := range rowsOf[struct {
		ID  string `db:"message_id"`
		Key string `db:"dedupe_key"`
	}](t, r, `SELECT message_id, dedupe_key FROM sends WHERE purpose = $1`, purpose) {
		keys[row.ID] = row.Key
	}
	found := map[string]mailworld.Accept{}
	for _, a := range r.accepts {
		if key, ok := keys[a.MessageID]; ok {
			found[key] = a
		}
	}
	if len(found) != len(keys) {
		t.Errorf("%d %ss stand in the ledger, %d were accepted", len(keys), purpose, len(found))
	}
	return found
}

func digestsInTime(t *testing.T, r *run) {
	digests := r.notices(t, outreach.PurposeDigest)
	outcomes := map[string]string{}
	for _, row := range rowsOf[struct {
		Rep     string    `db:"rep_id"`
		Day     time.Time `db:"day"`
		Outcome string    `db:"outcome"`
	}](t, r, `SELECT rep_id, day, outcome FROM digest_days`) {
		outcomes[fmt.Sprintf("digest:%s:%s", row.Rep, outreach.DayOf(row.Day))] = row.Outcome
	}
	sent := 0
	for _, rep := range r.team.Reps {
		zone := zonesOf(t, rep.Timezone)[0]
		for offset := range demoDays {
			day := outreach.DayOf(demoStart.AddDate(0, 0, offset))
			key := fmt.Sprintf("digest:%s:%s", rep.ID, day)
			mail, went := digests[key]
			delete(digests, key)
			want := "empty"
			if went {
				want = "sent"
			}
			if !rep.Digest.Days.Has(day.Weekday()) {
				want = ""
			}
			if outcomes[key] != want {
				t.Errorf("%s: decided %q, and a mail went: %v", key, outcomes[key], went)
			}
			if !went {
				continue
			}
			sent++
			hour := time.Date(day.Year, day.Month, day.Dom, int(rep.Digest.At)/60, int(rep.Digest.At)%60, 0, 0, zone)
			if !mail.At.Equal(hour) || outreach.AddressKey(mail.To) != outreach.AddressKey(rep.Email) {
				t.Errorf("%s went at %s to %s, want %s to %s", key, mail.At, mail.To, hour, rep.Email)
			}
			digestWhole(t, key, mail)
		}
	}
	for key := range digests {
		t.Errorf("%s is of no day that was asked for", key)
	}
	if sent < 20 {
		t.Errorf("only %d digests", sent)
	}
}

func digestWhole(t *testing.T, key string, a mailworld.Accept) {
	t.Helper()
	envelope, err := enmime.ReadEnvelope(bytes.NewReader(a.Raw))
	if err != nil || envelope.Text == "" || envelope.HTML == "" {
		t.Errorf("%s: %v; text and HTML are wanted", key, err)
		return
	}
	for name, text := range map[string]string{"subject": a.Subject, "text": envelope.Text, "html": envelope.HTML} {
		if found := unfilled.FindString(text); found != "" {
			t.Errorf("%s: the %s holds %q:\n%s", key, name, found, text)
		}
	}
	if envelope.GetHeader("Auto-Submitted") != "auto-generated" {
		t.Errorf("%s: a machine's mail does not say so", key)
	}
}

func alertsAtOnce(t *testing.T, r *run) {
	alerts := r.notices(t, outreach.PurposeAlert)
	for _, m := range r.messages {
		key := fmt.Sprintf("alert:%d", m.ID)
		alert, told := alerts[key]
		delete(alerts, key)
		if positive := m.Label.Positive() && m.Rule == string(m.Label); positive && !told {
			t.Errorf("message %d is %s, and nobody was told", m.ID, m.Label)
		}
		if told && alert.At.Sub(m.At) > time.Minute {
			t.Errorf("message %d (%s in %s, processed %v) came at %s, its rep was told at %s", m.ID, m.Label, m.Folder, m.Processed, m.At, alert.At)
		}
		if told && !strings.Contains(alert.Subject, r.leads[m.LeadID].Email) {
			envelope, err := enmime.ReadEnvelope(bytes.NewReader(alert.Raw))
			if err != nil || !strings.Contains(envelope.Text, r.leads[m.LeadID].Email) {
				t.Errorf("the alert about message %d does not name the lead: %v", m.ID, err)
			}
		}
	}
	for key := range alerts {
		if strings.HasPrefix(key, "alert:mailbox") {
			t.Logf("%s", key)
			continue
		}
		t.Errorf("%s is about no message", key)
	}
}
