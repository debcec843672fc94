-- The spine: leads, sequences, the send ledger, the inbox, qualification.
--
-- Two times never meet in a column: sales time is timestamptz and always comes in as a parameter;
-- machine time is a bigint of milliseconds (machine_ms) that no page shows.
-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION machine_ms() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;
-- +goose StatementEnd

-- A process beats every 2 s; silent for 10 s is dead.
CREATE TABLE processes (
    id      text PRIMARY KEY,
    host    text   NOT NULL,
    pid     int    NOT NULL,
    beat_ms bigint NOT NULL
);

CREATE TABLE mailboxes (
    id              text PRIMARY KEY,
    address         text   NOT NULL,
    rep_id          text   NOT NULL,
    timezone        text   NOT NULL,
    paused          boolean NOT NULL DEFAULT false,
    paused_reason   text   NOT NULL DEFAULT '',
    next_send_at    timestamptz,                 -- gap or cap: no step before this; null = free
    wait_reason     text   NOT NULL DEFAULT '',  -- why next_send_at
    first_day       date,                        -- the day of the first step mail: the ramp starts here
    leased_by       text   NOT NULL DEFAULT '',
    leased_until_ms bigint NOT NULL DEFAULT 0,
    lease_fence     bigint NOT NULL DEFAULT 0,
    bell_epoch      bigint NOT NULL DEFAULT 0,
    bell_rung_ms    bigint NOT NULL DEFAULT 0,   -- 0: the last bell brought a lease
    read_ms         bigint NOT NULL DEFAULT 0,   -- when the inbox was last read to its end
    read_since      timestamptz                  -- mail older than this is none of ours: the first send minus one day
) WITH (fillfactor = 50);

-- Mails reserved by claims for a mailbox's day. A claim that is taken back gives its place back.
CREATE TABLE mailbox_days (
    mailbox_id text NOT NULL REFERENCES mailboxes,
    day        date NOT NULL,
    reserved   int  NOT NULL,
    PRIMARY KEY (mailbox_id, day)
) WITH (fillfactor = 50);

-- A mailbox that a recipient domain has refused by policy does not write to that domain until then.
CREATE TABLE mailbox_domain_pauses (
    mailbox_id text NOT NULL REFERENCES mailboxes,
    domain     text NOT NULL,
    until      timestamptz NOT NULL,
    reason     text NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (mailbox_id, domain)
);

CREATE TABLE sequences (
    id            text PRIMARY KEY,
    name          text NOT NULL,
    owner         text NOT NULL,
    paused        boolean NOT NULL DEFAULT false,
    paused_reason text NOT NULL DEFAULT '',
    revision_id   bigint NOT NULL
);

-- A revision is immutable: the file and every template it uses, as they were.
CREATE TABLE revisions (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sequence_id text NOT NULL,
    number      int  NOT NULL,
    source      text NOT NULL,
    templates   jsonb NOT NULL,
    sha256      text NOT NULL,
    created_at  timestamptz NOT NULL,
    UNIQUE (sequence_id, number)
);

-- New leads started by a sequence on a day.
CREATE TABLE sequence_days (
    sequence_id text NOT NULL,
    day         date NOT NULL,
    new_leads   int  NOT NULL,
    PRIMARY KEY (sequence_id, day)
) WITH (fillfactor = 50);

CREATE TABLE leads (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email        text NOT NULL,
    email_key    text NOT NULL,
    domain       text NOT NULL,
    first_name   text NOT NULL DEFAULT '',
    last_name    text NOT NULL DEFAULT '',
    company      text NOT NULL DEFAULT '',
    title        text NOT NULL DEFAULT '',
    country      text NOT NULL DEFAULT '',
    region       text NOT NULL DEFAULT '',
    timezone     text NOT NULL DEFAULT '',
    language     text NOT NULL DEFAULT '',
    linkedin_url text NOT NULL DEFAULT '',
    phone        text NOT NULL DEFAULT '',
    industry     text NOT NULL DEFAULT '',
    employees    text NOT NULL DEFAULT '',
    source       text NOT NULL DEFAULT '',
    custom       jsonb NOT NULL DEFAULT '{}',
    stage        text NOT NULL DEFAULT 'new',
    stopped      text NOT NULL DEFAULT '',       -- a StopReason; empty: mail may go
    paused_until timestamptz,
    no_enrol_until timestamptz,                  -- after a plain no: no new enrolment before this
    referred_by  bigint REFERENCES leads,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT leads_email_key UNIQUE (email_key)
) WITH (fillfactor = 80);
CREATE INDEX leads_domain ON leads (domain);
-- A colleague writes from any host of the company: a prefix of the reversed name finds all hosts below a domain.
CREATE INDEX leads_company ON leads (reverse(domain) text_pattern_ops);
CREATE INDEX leads_stage ON leads (stage);

CREATE TABLE lists (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);

CREATE TABLE list_leads (
    list_id bigint NOT NULL REFERENCES lists,
    lead_id bigint NOT NULL REFERENCES leads ON DELETE CASCADE,
    PRIMARY KEY (list_id, lead_id)
);

-- Never undone by an import; no setting switches it off.
CREATE TABLE suppressions (
    kind   text NOT NULL CHECK (kind IN ('address', 'domain')),
    value  text NOT NULL,
    reason text NOT NULL,
    source text NOT NULL,
    at     timestamptz NOT NULL,
    PRIMARY KEY (kind, value)
);

CREATE TABLE enrolments (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id        bigint NOT NULL REFERENCES leads ON DELETE CASCADE,
    sequence_id    text   NOT NULL REFERENCES sequences,
    revision_id    bigint NOT NULL REFERENCES revisions,
    mailbox_id     text   NOT NULL REFERENCES mailboxes,
    timezone       text   NOT NULL,
    state          text   NOT NULL DEFAULT 'active',
    state_reason   text   NOT NULL DEFAULT '',
    step           int    NOT NULL DEFAULT 0,
    due_at         timestamptz,
    wait_reason    text   NOT NULL DEFAULT '',
    paused_until   timestamptz,
    last_sent_at   timestamptz,
    lease_until_ms bigint NOT NULL DEFAULT 0,   -- > 0: a send of it is claimed or committing
    created_at     timestamptz NOT NULL,
    UNIQUE (lead_id, sequence_id)
) WITH (fillfactor = 70);
-- Follow-ups and new leads are two runs of one index, so that follow-ups go first without a sort.
CREATE INDEX enrolments_due ON enrolments (mailbox_id, (step = 0), due_at) WHERE state = 'active' AND lease_until_ms = 0;
-- The sweeper's way to the claimed and committing sends, those of stopped leads too.
CREATE INDEX enrolments_leased ON enrolments (lease_until_ms) WHERE lease_until_ms > 0;
CREATE INDEX enrolments_paused ON enrolments (paused_until) WHERE state = 'paused';

CREATE SEQUENCE commit_seq;

-- The ledger. No index stands on a column that changes: every update is HOT.
CREATE TABLE sends (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purpose       text   NOT NULL,
    dedupe_key    text   NOT NULL,
    message_id    text   NOT NULL,
    enrolment_id  bigint REFERENCES enrolments ON DELETE CASCADE,
    lead_id       bigint REFERENCES leads ON DELETE CASCADE,
    mailbox_id    text   NOT NULL REFERENCES mailboxes,
    sequence_id   text   NOT NULL DEFAULT '',
    step_id       text   NOT NULL DEFAULT '',
    step_index    int    NOT NULL DEFAULT 0,
    to_address    text   NOT NULL,
    created_at    timestamptz NOT NULL,
    state         text   NOT NULL,
    fence         bigint NOT NULL DEFAULT 1,
    process_id    text   NOT NULL DEFAULT '',
    lease_fence   bigint NOT NULL DEFAULT 0,    -- the mailbox lease under which it was claimed
    claimed_at    timestamptz,
    not_after     timestamptz,
    cap_day       date,                         -- a place reserved in mailbox_days; null: none
    new_lead_day  date,                         -- a place reserved in sequence_days; null: none
    attempts      int    NOT NULL DEFAULT 0,
    subject       text   NOT NULL DEFAULT '',
    commit_seq    bigint,
    committed_at  timestamptz,
    committed_ms  bigint NOT NULL DEFAULT 0,
    settled_at    timestamptz,
    smtp_code     int    NOT NULL DEFAULT 0,
    smtp_enhanced text   NOT NULL DEFAULT '',
    smtp_text     text   NOT NULL DEFAULT '',
    smtp_phase    text   NOT NULL DEFAULT '',
    unknown_reason text  NOT NULL DEFAULT '',
    resolved_by   text   NOT NULL DEFAULT '',
    CONSTRAINT sends_dedupe_key UNIQUE (dedupe_key),
    CONSTRAINT sends_message_id UNIQUE (message_id)
) WITH (fillfactor = 45);
CREATE INDEX sends_enrolment ON sends (enrolment_id, step_index) WHERE enrolment_id IS NOT NULL;
CREATE INDEX sends_lead ON sends (lead_id) WHERE lead_id IS NOT NULL;

CREATE TABLE send_events (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    send_id    bigint NOT NULL REFERENCES sends ON DELETE CASCADE,
    at         timestamptz NOT NULL,
    from_state text   NOT NULL,
    to_state   text   NOT NULL,
    fence      bigint NOT NULL,
    process_id text   NOT NULL DEFAULT '',
    detail     text   NOT NULL DEFAULT ''
);
CREATE INDEX send_events_send ON send_events (send_id);

-- Sends that no enrolment drives (digest, alert, answer, test) wait here until they are settled.
CREATE TABLE outbox (
    send_id        bigint PRIMARY KEY REFERENCES sends ON DELETE CASCADE,
    mailbox_id     text   NOT NULL REFERENCES mailboxes,
    due_at         timestamptz NOT NULL,
    lease_until_ms bigint NOT NULL DEFAULT 0
);
CREATE INDEX outbox_due ON outbox (mailbox_id, due_at);

-- The bytes of a mail that must go out again exactly as they were: outbox mails, and steps deferred by a server.
CREATE TABLE send_bytes (
    send_id bigint PRIMARY KEY REFERENCES sends ON DELETE CASCADE,
    subject text  NOT NULL,
    raw     bytea NOT NULL
);

CREATE TABLE inbox_cursors (
    mailbox_id   text   NOT NULL REFERENCES mailboxes,
    folder       text   NOT NULL,
    uid_validity bigint NOT NULL,
    last_uid     bigint NOT NULL,
    PRIMARY KEY (mailbox_id, folder)
);

-- Of mail that is not ours this is all that is kept.
CREATE TABLE not_ours (
    mailbox_id    text   NOT NULL REFERENCES mailboxes,
    folder        text   NOT NULL,
    uid_validity  bigint NOT NULL,
    uid           bigint NOT NULL,
    received_at   timestamptz NOT NULL,
    sender_domain text   NOT NULL,
    PRIMARY KEY (mailbox_id, folder, uid_validity, uid)
);

CREATE TABLE messages (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mailbox_id     text   NOT NULL REFERENCES mailboxes,
    content_key    text   NOT NULL,
    folder         text   NOT NULL DEFAULT '',
    uid_validity   bigint NOT NULL DEFAULT 0,
    uid            bigint NOT NULL DEFAULT 0,
    received_at    timestamptz NOT NULL,
    from_address   text   NOT NULL DEFAULT '',
    from_name      text   NOT NULL DEFAULT '',
    subject        text   NOT NULL DEFAULT '',
    rfc_message_id text   NOT NULL DEFAULT '',
    raw            bytea  NOT NULL,
    truncated      boolean NOT NULL DEFAULT false,     -- raw is only the beginning of a huge mail
    state          text   NOT NULL DEFAULT 'pending',  -- pending, done, quarantined
    attempts       int    NOT NULL DEFAULT 0,
    retry_ms       bigint NOT NULL DEFAULT 0,          -- not to be tried again before; a bell or a sweep raises it
    error          text   NOT NULL DEFAULT '',
    lead_id        bigint REFERENCES leads ON DELETE CASCADE,
    enrolment_id   bigint REFERENCES enrolments ON DELETE CASCADE,
    send_id        bigint REFERENCES sends ON DELETE SET NULL,
    match_method   text   NOT NULL DEFAULT '',         -- references, token, sender, recipient, colleague, none
    holds          bigint[] NOT NULL DEFAULT '{}',     -- enrolments that wait until this message is understood
    kind           text   NOT NULL DEFAULT '',
    label          text   NOT NULL DEFAULT '',
    confidence     double precision NOT NULL DEFAULT 0,
    abstained      boolean NOT NULL DEFAULT false,
    secondary      text[] NOT NULL DEFAULT '{}',
    language       text   NOT NULL DEFAULT '',
    reply_text     text   NOT NULL DEFAULT '',
    understanding  jsonb  NOT NULL DEFAULT '{}',       -- everything else that was read out of it
    decision       jsonb  NOT NULL DEFAULT '{}',
    rep_id         text   NOT NULL DEFAULT '',
    processed_at   timestamptz,
    handled_at     timestamptz,                        -- a rep said: done with it
    corrected_label text  NOT NULL DEFAULT '',
    alert          text   NOT NULL DEFAULT '',         -- empty: none; due; told: it is in the ledger
    CONSTRAINT messages_content_key UNIQUE (mailbox_id, content_key)
);
CREATE INDEX messages_pending ON messages (id) WHERE state = 'pending';
CREATE INDEX messages_lead ON messages (lead_id, received_at);
CREATE INDEX messages_alert ON messages (id) WHERE alert = 'due';
CREATE INDEX messages_open ON messages (rep_id, received_at) WHERE state = 'done' AND handled_at IS NULL;

-- Every decision about a lead with its reason: what `drumbeat explain` tells.
CREATE TABLE lead_events (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id      bigint NOT NULL REFERENCES leads ON DELETE CASCADE,
    enrolment_id bigint REFERENCES enrolments ON DELETE CASCADE,
    message_id   bigint REFERENCES messages ON DELETE CASCADE,
    send_id      bigint REFERENCES sends ON DELETE CASCADE,
    at           timestamptz NOT NULL,
    kind         text NOT NULL,
    reason       text NOT NULL DEFAULT '',
    rule         text NOT NULL DEFAULT '',
    actor        text NOT NULL,
    detail       text NOT NULL DEFAULT ''
);
CREATE INDEX lead_events_lead ON lead_events (lead_id, id);

CREATE TABLE facts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id    bigint NOT NULL REFERENCES leads ON DELETE CASCADE,
    name       text NOT NULL,
    status     text NOT NULL,
    value      text NOT NULL DEFAULT '',
    quote      text NOT NULL DEFAULT '',
    message_id bigint REFERENCES messages ON DELETE CASCADE,
    source     text NOT NULL,
    confidence double precision NOT NULL,
    at         timestamptz NOT NULL
);
CREATE INDEX facts_lead ON facts (lead_id, name, id);

CREATE TABLE objections (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id    bigint NOT NULL REFERENCES leads ON DELETE CASCADE,
    label      text NOT NULL,
    state      text NOT NULL DEFAULT 'open',   -- open, answered, overcome, lost
    message_id bigint REFERENCES messages ON DELETE CASCADE,
    opened_at  timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX objections_lead ON objections (lead_id);

CREATE TABLE drafts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id    bigint NOT NULL REFERENCES leads ON DELETE CASCADE,
    message_id bigint NOT NULL UNIQUE REFERENCES messages ON DELETE CASCADE,
    rep_id     text NOT NULL,
    playbook   text NOT NULL,
    subject    text NOT NULL,
    body       text NOT NULL,
    state      text NOT NULL DEFAULT 'ready',  -- ready, sent, discarded
    created_at timestamptz NOT NULL
);
CREATE INDEX drafts_lead ON drafts (lead_id);

-- People whom a reply named. A rep approves before one becomes a lead.
CREATE TABLE candidates (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id    bigint NOT NULL REFERENCES leads ON DELETE CASCADE,   -- who referred
    message_id bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
    kind       text NOT NULL,                                         -- referral, delegate, successor
    name       text NOT NULL DEFAULT '',
    email      text NOT NULL DEFAULT '',
    phone      text NOT NULL DEFAULT '',
    title      text NOT NULL DEFAULT '',
    state      text NOT NULL DEFAULT 'suggested',                     -- suggested, approved, rejected
    at         timestamptz NOT NULL,
    UNIQUE (message_id, kind)
);

CREATE TABLE tasks (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id      bigint NOT NULL REFERENCES leads ON DELETE CASCADE,
    enrolment_id bigint NOT NULL REFERENCES enrolments ON DELETE CASCADE,
    step_id      text NOT NULL,
    rep_id       text NOT NULL,
    kind         text NOT NULL,
    title        text NOT NULL,
    due_at       timestamptz,
    skip_at      timestamptz,                 -- the sequence waits for the task until then; null: it does not wait
    resume_at    timestamptz,                 -- when it goes on at the earliest, if the task is done before
    state        text NOT NULL DEFAULT 'open', -- open, done, skipped
    created_at   timestamptz NOT NULL,
    UNIQUE (enrolment_id, step_id)
);
CREATE INDEX tasks_open ON tasks (rep_id, due_at) WHERE state = 'open';

-- A line in the digest on a day that the lead named.
CREATE TABLE reminders (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id    bigint NOT NULL REFERENCES leads ON DELETE CASCADE,
    message_id bigint REFERENCES messages ON DELETE CASCADE,
    rep_id     text NOT NULL,
    on_day     date NOT NULL,
    kind       text NOT NULL,                  -- follow_up, back
    note       text NOT NULL,
    state      text NOT NULL DEFAULT 'open'
);
CREATE INDEX reminders_open ON reminders (rep_id, on_day) WHERE state = 'open';

-- That a rep's digest of a day was decided: sent, or not because it was empty.
CREATE TABLE digest_days (
    rep_id  text NOT NULL,
    day     date NOT NULL,
    outcome text NOT NULL,                     -- sent, empty
    at      timestamptz NOT NULL,
    PRIMARY KEY (rep_id, day)
);

-- What happened to a mailbox: blocks, stops, failed logins.
CREATE TABLE mailbox_events (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mailbox_id text NOT NULL REFERENCES mailboxes,
    at         timestamptz NOT NULL,
    kind       text NOT NULL,                  -- block, refused_login, paused, resumed
    domain     text NOT NULL DEFAULT '',
    detail     text NOT NULL DEFAULT ''
);
CREATE INDEX mailbox_events_mailbox ON mailbox_events (mailbox_id, at);

-- +goose Down
DROP TABLE mailbox_events, digest_days, reminders, tasks, candidates, drafts, objections, facts, lead_events, messages,
    not_ours, inbox_cursors, send_bytes, outbox, send_events, sends, enrolments, suppressions, list_leads, lists, leads,
    sequence_days, revisions, sequences, mailbox_domain_pauses, mailbox_days, mailboxes, processes;
DROP SEQUENCE commit_seq;
DROP FUNCTION machine_ms();
