-- What a send was before its last result: so one UPDATE can both move a row and tell from where, without
-- locking it first. Measured, the lock cost as much as the update of the row.
-- +goose Up
ALTER TABLE sends ADD COLUMN came_from text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE sends DROP COLUMN came_from;
