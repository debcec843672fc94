-- Webhooks: what steps tell other services, and what those tell us.
--
-- An outbox: the step writes the row in the transaction that decides about it, and a process tries it until
-- the receiver has taken it. At least once, with one event id, and of one lead in order.
-- +goose Up

CREATE TABLE webhook_deliveries (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id       text   NOT NULL,
    lead_id        bigint NOT NULL REFERENCES leads ON DELETE CASCADE,
    enrolment_id   bigint NOT NULL REFERENCES enrolments ON DELETE CASCADE,
    sequence_id    text   NOT NULL,
    revision_id    bigint NOT NULL,               -- where URL, headers and key stand; none of them is copied here
    step_id        text   NOT NULL,
    step_index     int    NOT NULL,
    body           text   NOT NULL,               -- rendered; ${NAME} is still a name
    state          text   NOT NULL DEFAULT 'planned',
    due_at         timestamptz,                   -- planned: of the next attempt; accepted: the end of the wait for a callback
    attempts       int    NOT NULL DEFAULT 0,     -- since it was made, or driven again
    fence          bigint NOT NULL DEFAULT 0,
    process_id     text   NOT NULL DEFAULT '',
    lease_until_ms bigint NOT NULL DEFAULT 0,     -- claimed: a process that is silent beyond this has died over it
    last_status    int    NOT NULL DEFAULT 0,
    last_error     text   NOT NULL DEFAULT '',
    created_at     timestamptz NOT NULL,
    settled_at     timestamptz,
    CONSTRAINT webhook_deliveries_event UNIQUE (event_id),
    CONSTRAINT webhook_deliveries_step UNIQUE (enrolment_id, step_id)
);
-- The open ones alone: what is done costs nothing any more.
CREATE INDEX webhook_deliveries_open ON webhook_deliveries (lead_id, id) WHERE state IN ('planned', 'claimed');
CREATE INDEX webhook_deliveries_lead ON webhook_deliveries (lead_id);

-- Every attempt, also one that came too late to count.
CREATE TABLE webhook_attempts (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    delivery_id bigint NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
    at          timestamptz NOT NULL,
    fence       bigint NOT NULL,
    process_id  text   NOT NULL,
    status      int    NOT NULL,                  -- 0: no answer
    error       text   NOT NULL DEFAULT '',
    took_ms     bigint NOT NULL,
    PRIMARY KEY (delivery_id, id)
);

-- Signed requests of others that were acted on: a repetition is known by its id.
CREATE TABLE hook_requests (
    id text PRIMARY KEY,
    at timestamptz NOT NULL
);
CREATE INDEX hook_requests_at ON hook_requests (at);

-- +goose Down
DROP TABLE hook_requests, webhook_attempts, webhook_deliveries;
