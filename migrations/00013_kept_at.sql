-- Since when a mail is tried: one that is deferred again after five days is given up.
-- +goose Up
ALTER TABLE send_bytes ADD COLUMN kept_at timestamptz; -- sales time of the first attempt; null: not a step, or from before

-- +goose Down
ALTER TABLE send_bytes DROP COLUMN kept_at;
