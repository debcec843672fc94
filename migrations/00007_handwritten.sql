-- What reps wrote to leads by hand, so that a Sent folder that is read anew holds nobody a second time; and which of
-- the mail that is not ours comes from companies that we write to, so that it can be counted without reading all of it.
-- +goose Up
CREATE TABLE handwritten (
    mailbox_id  text   NOT NULL REFERENCES mailboxes,
    content_key text   NOT NULL,
    lead_id     bigint NOT NULL REFERENCES leads ON DELETE CASCADE,
    written_at  timestamptz NOT NULL,
    PRIMARY KEY (mailbox_id, content_key, lead_id)
);
CREATE INDEX handwritten_lead ON handwritten (lead_id);
ALTER TABLE not_ours ADD COLUMN from_company boolean NOT NULL DEFAULT false;
CREATE INDEX not_ours_from_companies ON not_ours (mailbox_id) WHERE from_company;

-- +goose Down
DROP INDEX not_ours_from_companies;
ALTER TABLE not_ours DROP COLUMN from_company;
DROP TABLE handwritten;
