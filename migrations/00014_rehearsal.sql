-- That a database is a rehearsal's: its ledger says sent of mails that no lead has ever had, so real sending from it must be impossible for ever.
-- +goose Up
CREATE TABLE rehearsal (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    to_address text        NOT NULL,   -- who gets every mail
    since      timestamptz NOT NULL
);

-- +goose Down
DROP TABLE rehearsal;
