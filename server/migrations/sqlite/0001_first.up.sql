-- Facts about the database itself. `epoch` names this log: it changes only when a log was lost or restored.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('epoch', lower(hex(randomblob(8))));

CREATE TABLE users (
    id BLOB PRIMARY KEY,
    tier TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A token is a secret: only its SHA-256 is here. `ended_ms` keeps a while, so that "expired" can be told from "unknown".
CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    tier TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    ended_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_seen ON sessions (seen_ms);

-- Ids are the sender's own and mean something only beside the user's. `messages` is the last sequence, `head` the last
-- offset; both are allocated in the commit that uses them. `number` keeps the keys of the tables below short.
CREATE TABLE conversations (
    number INTEGER PRIMARY KEY,
    user_id BLOB NOT NULL,
    id BLOB NOT NULL,
    title TEXT NOT NULL,
    messages INTEGER NOT NULL,
    head INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    UNIQUE (user_id, id)
) STRICT;

-- `attempt` is the last attempt that was begun durably; 0 until then (a first attempt is not recorded before it ends).
CREATE TABLE messages (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    conversation INTEGER NOT NULL REFERENCES conversations (number),
    sequence INTEGER NOT NULL,
    status TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    priority TEXT NOT NULL,
    accepted_ms INTEGER NOT NULL,
    finished_ms INTEGER,
    draft TEXT NOT NULL,
    -- JSON, packed with LZ4.
    outcome BLOB,
    -- The id first: version-7 ids grow with time, so new entries share the right edge of the tree.
    UNIQUE (id, user_id)
) STRICT;
CREATE UNIQUE INDEX messages_in_order ON messages (conversation, sequence);
CREATE INDEX messages_unfinished ON messages (number) WHERE finished_ms IS NULL;

-- The durable events of a conversation; the same bytes to every reader, for ever.
CREATE TABLE events (
    conversation INTEGER NOT NULL REFERENCES conversations (number),
    position INTEGER NOT NULL,
    message_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (conversation, position)
) STRICT, WITHOUT ROWID;

-- Which ids were seen, with what body; outlives the message itself for the whole window.
CREATE TABLE idempotency (
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (id, user_id)
) STRICT, WITHOUT ROWID;
