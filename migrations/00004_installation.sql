-- Which installation this database is, so that what is kept outside it (spool, marks) is taken for its own alone.
--
-- The row is written at the first start, not here: a copy of an empty schema is another installation.
-- +goose Up
CREATE TABLE installation (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    id          text   NOT NULL,
    epoch       bigint NOT NULL DEFAULT 0,   -- raised each time a restore is confirmed
    held_at     timestamptz,                 -- nothing is sent since then; null: sending
    held_reason text   NOT NULL DEFAULT ''
);

-- +goose Down
DROP TABLE installation;
