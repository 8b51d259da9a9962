-- Businesses with their flows. `position` keeps the order in which things were made. Every table begins its key with the
-- business, so that a query that forgets whose rows it wants finds no index to be fast with.
CREATE TABLE businesses (
    position INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    active INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
) STRICT;

-- Who may see and change a business. `followed`: the user's new conversations go its way; at most one a user.
CREATE TABLE memberships (
    user_id BLOB NOT NULL,
    business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    followed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, business_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_business ON memberships (business_id);
CREATE UNIQUE INDEX memberships_followed ON memberships (user_id) WHERE followed = 1;

CREATE TABLE templates (
    position INTEGER PRIMARY KEY,
    business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (business_id, id)
) STRICT;
-- All texts that a template ever had.
CREATE TABLE template_versions (
    template INTEGER NOT NULL REFERENCES templates (position) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    author BLOB NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (template, version)
) STRICT;

CREATE TABLE stages (
    position INTEGER PRIMARY KEY,
    business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    category TEXT,
    is_start INTEGER NOT NULL,
    is_end INTEGER NOT NULL,
    selection_template_id BLOB,
    extraction_template_id BLOB,
    response_template_id BLOB,
    UNIQUE (business_id, id),
    FOREIGN KEY (business_id, selection_template_id) REFERENCES templates (business_id, id),
    FOREIGN KEY (business_id, extraction_template_id) REFERENCES templates (business_id, id),
    FOREIGN KEY (business_id, response_template_id) REFERENCES templates (business_id, id)
) STRICT;

CREATE TABLE transitions (
    position INTEGER PRIMARY KEY,
    business_id BLOB NOT NULL REFERENCES businesses (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    from_stage_id BLOB NOT NULL,
    to_stage_id BLOB NOT NULL,
    condition TEXT NOT NULL,
    priority INTEGER NOT NULL,
    description TEXT NOT NULL,
    UNIQUE (business_id, id),
    FOREIGN KEY (business_id, from_stage_id) REFERENCES stages (business_id, id) ON DELETE CASCADE,
    FOREIGN KEY (business_id, to_stage_id) REFERENCES stages (business_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX transitions_from ON transitions (business_id, from_stage_id);
CREATE INDEX transitions_to ON transitions (business_id, to_stage_id);

-- Where a conversation stands: a table of its own, so that the row that every acceptance changes stays short. The
-- business may be the built-in one, which has no row.
CREATE TABLE conversation_states (
    conversation INTEGER PRIMARY KEY REFERENCES conversations (number),
    business_id BLOB NOT NULL,
    stage_id BLOB NOT NULL,
    entered INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
) STRICT;

-- What is known of the workload, by field, with the message that said it last. Values and provenance are JSON.
CREATE TABLE extracted (
    conversation INTEGER NOT NULL REFERENCES conversations (number),
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    provenance TEXT NOT NULL,
    message_id BLOB NOT NULL,
    PRIMARY KEY (conversation, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE model_calls (
    number INTEGER PRIMARY KEY,
    message INTEGER NOT NULL REFERENCES messages (number),
    attempt INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cost_usd REAL,
    ms REAL NOT NULL,
    outcome TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX model_calls_by_message ON model_calls (message);

-- Who did what to what, and when. Lines are only ever added; they outlive what they are about.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    business_id BLOB NOT NULL,
    actor BLOB,
    action TEXT NOT NULL,
    subject BLOB,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_business ON audit (business_id, number);
CREATE INDEX audit_by_actor ON audit (actor, number);
CREATE INDEX audit_by_action ON audit (action, number);
CREATE INDEX audit_by_subject ON audit (subject, number);
CREATE INDEX audit_by_time ON audit (at_ms);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit log is not changed'); END;
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit log is not shortened'); END;
