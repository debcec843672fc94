package app

import (
	"context"

	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

// EraseLead deletes everything about a lead, also what waits on this machine for the
// Sent folders. What waits on other machines is dropped by their workers within
// a minute.
func (b *Base) EraseLead(ctx context.Context, lead outreach.Lead) error {
	if err := b.DB.EraseLead(ctx, lead, postgres.Act{At: b.Clock.Now(), Actor: "erase"}); err != nil {
		return err
	}
	return b.dropErased(ctx)
}
