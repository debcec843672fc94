-- What was chosen for a lead among the ways to write a mail: statistics compare variants, and explain says why.
-- +goose Up
ALTER TABLE sends ADD COLUMN variant text NOT NULL DEFAULT '', ADD COLUMN choice text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE sends DROP COLUMN variant, DROP COLUMN choice;
