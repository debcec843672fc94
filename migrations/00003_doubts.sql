-- Mails in doubt, and what was done to find out: a small table, so that nobody reads the ledger for them.
--
-- A row is written when a send becomes unknown. It is good as long as the send is unknown or assumed sent;
-- what has been settled since is dropped by the next look.
-- +goose Up
CREATE TABLE doubts (
    send_id      bigint PRIMARY KEY REFERENCES sends ON DELETE CASCADE,
    mailbox_id   text NOT NULL REFERENCES mailboxes,
    since        timestamptz NOT NULL,
    next_look_at timestamptz NOT NULL,
    looked_at    timestamptz,              -- the last look into the Sent folder; null: none yet
    looks        int  NOT NULL DEFAULT 0,
    finding      text NOT NULL DEFAULT '', -- what the last look saw
    resends      int  NOT NULL DEFAULT 0   -- how often the policy has sent it again
);
INSERT INTO doubts (send_id, mailbox_id, since, next_look_at)
SELECT id, mailbox_id, COALESCE(settled_at, created_at), COALESCE(settled_at, created_at) FROM sends WHERE state = 'unknown';

-- +goose Down
DROP TABLE doubts;
