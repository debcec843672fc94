-- What is due, and what a process has died over, is found without a look at all that waits.
-- +goose Up
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at, id) WHERE state = 'planned';
CREATE INDEX webhook_deliveries_claimed ON webhook_deliveries (lease_until_ms) WHERE state = 'claimed';

-- +goose Down
DROP INDEX webhook_deliveries_claimed, webhook_deliveries_due;
