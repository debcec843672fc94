-- Mails reserved by claims for a recipient domain on a mailbox's day, of sequences that limit them (daily_per_domain).
-- +goose Up
CREATE TABLE mailbox_domain_days (
    mailbox_id text NOT NULL REFERENCES mailboxes,
    day        date NOT NULL,
    domain     text NOT NULL,
    reserved   int  NOT NULL,
    PRIMARY KEY (mailbox_id, day, domain)
) WITH (fillfactor = 50);

-- +goose Down
DROP TABLE mailbox_domain_days;
