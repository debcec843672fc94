-- What a claim took is leased as a whole: a row a batch, not a column of each enrolment.
--
-- The column stood in two indexes, so that leasing one enrolment wrote all of them anew, twice a mail. Workers of
-- before still run: they find no lease in the column and are kept apart by the mailbox's lease, as ever.
-- +goose Up
CREATE TABLE claim_leases (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mailbox_id  text     NOT NULL REFERENCES mailboxes,
    lease_fence bigint   NOT NULL,   -- the mailbox lease under which it was claimed
    until_ms    bigint   NOT NULL,   -- machine time; from then on the sweeper looks at the sends
    sends       bigint[] NOT NULL
);

INSERT INTO claim_leases (mailbox_id, lease_fence, until_ms, sends)
SELECT s.mailbox_id, s.lease_fence, 1, array_agg(s.id) FROM enrolments e JOIN sends s ON s.enrolment_id = e.id
WHERE e.lease_until_ms > 0 AND (s.state IN ('claimed', 'committing') OR (s.state = 'planned' AND e.state IN ('stopped', 'finished')))
GROUP BY s.mailbox_id, s.lease_fence;

DROP INDEX enrolments_leased;
DROP INDEX enrolments_due;
CREATE INDEX enrolments_due ON enrolments (mailbox_id, LEAST(step, 1), due_at, id) WHERE state = 'active';

-- +goose Down
DROP INDEX enrolments_due;
CREATE INDEX enrolments_due ON enrolments (mailbox_id, LEAST(step, 1), due_at, id) WHERE state = 'active' AND lease_until_ms = 0;
CREATE INDEX enrolments_leased ON enrolments (lease_until_ms) WHERE lease_until_ms > 0;
UPDATE enrolments e SET lease_until_ms = 1 FROM sends s WHERE s.id IN (SELECT unnest(sends) FROM claim_leases) AND e.id = s.enrolment_id;
DROP TABLE claim_leases;
