-- What was learnt of a mailbox's server: whether it files sent mails by itself, so that we file no second copy.
-- +goose Up
ALTER TABLE mailboxes ADD COLUMN files_sent text NOT NULL DEFAULT '', -- '', yes, no
    ADD COLUMN files_seen int NOT NULL DEFAULT 0;                     -- copies in a row that it had filed

-- +goose Down
ALTER TABLE mailboxes DROP COLUMN files_sent, DROP COLUMN files_seen;
