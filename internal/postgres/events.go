package postgres

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// leadEvent is one stored decision about a lead. Zero IDs are stored as null.
type leadEvent struct {
	LeadID      outreach.LeadID
	EnrolmentID outreach.EnrolmentID
	MessageID   outreach.MessageID
	SendID      outreach.SendID
	At          time.Time
	Kind        string // what happened: stopped, held, paused, released, stage, fact ...
	Reason      string
	Rule        string // which rule decided; empty when a person did
	Actor       string // drumbeat, or who
	Detail      string // a sentence for people
}

// addEvent stores one decision.
func addEvent(ctx context.Context, tx sqlx.ExtContext, e leadEvent) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO lead_events (lead_id, enrolment_id, message_id, send_id, at, kind, reason, rule, actor, detail)
		VALUES ($1, NULLIF($2, 0::bigint), NULLIF($3, 0::bigint), NULLIF($4, 0::bigint), $5, $6, $7, $8, $9, $10)`,
		e.LeadID, e.EnrolmentID, e.MessageID, e.SendID, e.At, e.Kind, e.Reason, e.Rule, e.Actor, e.Detail)
	return err
}

// int64s gives typed identifiers as a Postgres array.
func int64s[T ~int64](ids []T) any {
	plain := make([]int64, len(ids))
	for i, id := range ids {
		plain[i] = int64(id)
	}
	return pq.Array(plain)
}

// texts gives typed names as a Postgres array.
func texts[T ~string](names []T) any {
	plain := make([]string, len(names))
	for i, name := range names {
		plain[i] = string(name)
	}
	return pq.Array(plain)
}
