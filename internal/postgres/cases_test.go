package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
)

func TestOnlyMessagesThatAPersonPutRightAreLearntFrom(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, lead := enrolledLead(t)
	for uid := range uint32(3) {
		if _, err := db.Ingest(ctx, arrival(uid+1, lead.ID, monday.Add(time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.ExecContext(ctx, `UPDATE messages SET state = 'done', label = 'brush_off',
		corrected_label = CASE WHEN uid = 2 THEN 'price' ELSE '' END`); err != nil {
		t.Fatal(err)
	}
	var got []outreach.Correction
	if err := db.EachCorrection(ctx, func(c outreach.Correction) error {
		c.ReceivedAt, c.MessageID = c.ReceivedAt.UTC(), 0
		got = append(got, c)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []outreach.Correction{{Raw: []byte("no\x00"), ReceivedAt: monday.Add(time.Hour).UTC(), Label: outreach.LabelPrice}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("corrections (-want +got):\n%s", diff)
	}
}
