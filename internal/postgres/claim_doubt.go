package postgres

import (
	"context"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// addDoubts reads what is known about the unknown sends among the steps at hand;
// nearly always there are none.
func addDoubts(ctx context.Context, tx hotTx, due []outreach.DueStep) error {
	at := map[outreach.SendID]int{}
	var ids []outreach.SendID
	for i, d := range due {
		if d.Earlier != nil && d.Earlier.State == outreach.SendUnknown {
			ids, at[d.Earlier.ID] = append(ids, d.Earlier.ID), i
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows := []struct {
		SendID   outreach.SendID `db:"send_id"`
		Since    time.Time       `db:"since"`
		LookedAt *time.Time      `db:"looked_at"`
		Resends  int             `db:"resends"`
	}{}
	if err := tx.SelectContext(ctx, &rows, `SELECT send_id, since, looked_at, resends FROM doubts WHERE send_id = ANY($1)`, int64s(ids)); err != nil {
		return fmt.Errorf("doubts: %w", err)
	}
	for _, row := range rows {
		due[at[row.SendID]].Earlier.Doubt = &outreach.Doubt{Since: row.Since, LookedAt: row.LookedAt, Resends: row.Resends}
	}
	return nil
}

// passUnknown goes on behind a step whose mail may or may not have gone: the
// policy takes it for sent, because a second copy is worse than a missing one.
func (c *claimer) passUnknown(ctx context.Context, due outreach.DueStep, next outreach.Progress) error {
	if err := assume(ctx, c.tx.Tx, []outreach.SendID{due.Earlier.ID}, c.req.Now); err != nil {
		return err
	}
	return c.advance(ctx, due.Enrolment, next)
}

// resend plans an unknown send again. Its lead is locked, as for every claim; it is
// claimed next, when policy is asked about it like about any other step. It counts
// as tried, so the bytes that were kept go out, not new ones.
func (c *claimer) resend(ctx context.Context, id outreach.SendID) error {
	return planAgain(ctx, c.tx.Tx, id, Act{At: c.req.Now, Actor: "policy"})
}
