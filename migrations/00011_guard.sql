-- A guard judges mails since the sequence was last resumed: what a person has seen and let pass pauses nothing twice.
-- +goose Up
ALTER TABLE sequences ADD COLUMN guarded_from bigint NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE sequences DROP COLUMN guarded_from;
