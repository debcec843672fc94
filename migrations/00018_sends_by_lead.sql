-- A send is found by its lead, who has few; an index by enrolment besides cost every mail a row of it.
-- +goose Up
DROP INDEX sends_enrolment;

-- +goose Down
CREATE INDEX sends_enrolment ON sends (enrolment_id, step_index) WHERE enrolment_id IS NOT NULL;
