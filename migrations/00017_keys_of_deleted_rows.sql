-- What points to a row that is deleted is found by index: a message that turns out to be about nobody is deleted as a
-- matter of course, and each time Postgres read all of lead_events for it. The same indexes serve a lead's page.
-- +goose Up
CREATE INDEX lead_events_message ON lead_events (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX facts_message ON facts (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX objections_message ON objections (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX reminders_message ON reminders (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX messages_enrolment ON messages (enrolment_id) WHERE enrolment_id IS NOT NULL;
CREATE INDEX messages_send ON messages (send_id) WHERE send_id IS NOT NULL;
CREATE INDEX leads_referred_by ON leads (referred_by) WHERE referred_by IS NOT NULL;
CREATE INDEX candidates_lead ON candidates (lead_id);
CREATE INDEX tasks_lead ON tasks (lead_id);
CREATE INDEX reminders_lead ON reminders (lead_id);

-- +goose Down
DROP INDEX reminders_lead, tasks_lead, candidates_lead, leads_referred_by, messages_send, messages_enrolment, reminders_message, objections_message,
    facts_message, lead_events_message;
