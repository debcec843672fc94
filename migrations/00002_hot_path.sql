-- The path of a send writes less: no index and no check that it does not need.
--
-- A mail touches its send three times, its enrolment twice, its lead once and three events. Measured, each
-- foreign key cost as much as the row itself; and an index on a column that changes ends HOT updates, so that
-- every index of the table is written anew. What the dropped keys said still holds: the rows are
-- written under locks on what they point to, and only EraseLead deletes.
-- +goose Up
DROP INDEX leads_stage;
-- Whoever asks for a domain asks for the hosts below it too, which leads_company answers.
DROP INDEX leads_domain;

-- Most leads sleep. Room on their pages serves HOT updates alone, and every update of an enrolment moves an index.
ALTER TABLE leads SET (fillfactor = 95);
ALTER TABLE enrolments SET (fillfactor = 100);

ALTER TABLE sends DROP CONSTRAINT sends_enrolment_id_fkey, DROP CONSTRAINT sends_lead_id_fkey, DROP CONSTRAINT sends_mailbox_id_fkey;

-- Events are read by what they are about: one index gives that and the key.
ALTER TABLE send_events DROP CONSTRAINT send_events_send_id_fkey, DROP CONSTRAINT send_events_pkey, ADD PRIMARY KEY (send_id, id);
DROP INDEX send_events_send;
ALTER TABLE lead_events DROP CONSTRAINT lead_events_lead_id_fkey, DROP CONSTRAINT lead_events_enrolment_id_fkey, DROP CONSTRAINT lead_events_send_id_fkey,
    DROP CONSTRAINT lead_events_pkey, ADD PRIMARY KEY (lead_id, id);
DROP INDEX lead_events_lead;

-- With the id the index gives a claim its order, and a batch reads no more than it takes. Postgres rewrites
-- (step = 0) = false into step <> 0, which the index on (step = 0) did not serve.
DROP INDEX enrolments_due;
CREATE INDEX enrolments_due ON enrolments (mailbox_id, LEAST(step, 1), due_at, id) WHERE state = 'active' AND lease_until_ms = 0;

-- +goose Down
DROP INDEX enrolments_due;
CREATE INDEX enrolments_due ON enrolments (mailbox_id, (step = 0), due_at) WHERE state = 'active' AND lease_until_ms = 0;
ALTER TABLE lead_events DROP CONSTRAINT lead_events_pkey, ADD PRIMARY KEY (id),
    ADD FOREIGN KEY (lead_id) REFERENCES leads ON DELETE CASCADE, ADD FOREIGN KEY (enrolment_id) REFERENCES enrolments ON DELETE CASCADE, ADD FOREIGN KEY (send_id) REFERENCES sends ON DELETE CASCADE;
CREATE INDEX lead_events_lead ON lead_events (lead_id, id);
ALTER TABLE send_events DROP CONSTRAINT send_events_pkey, ADD PRIMARY KEY (id), ADD FOREIGN KEY (send_id) REFERENCES sends ON DELETE CASCADE;
CREATE INDEX send_events_send ON send_events (send_id);
ALTER TABLE sends ADD FOREIGN KEY (enrolment_id) REFERENCES enrolments ON DELETE CASCADE, ADD FOREIGN KEY (lead_id) REFERENCES leads ON DELETE CASCADE,
    ADD FOREIGN KEY (mailbox_id) REFERENCES mailboxes;
ALTER TABLE enrolments SET (fillfactor = 70);
ALTER TABLE leads SET (fillfactor = 80);
CREATE INDEX leads_domain ON leads (domain);
CREATE INDEX leads_stage ON leads (stage);
