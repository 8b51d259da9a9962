CREATE TABLE extracted (
    conversation INTEGER NOT NULL REFERENCES conversations (number),
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    provenance TEXT NOT NULL,
    message_id BLOB NOT NULL,
    PRIMARY KEY (conversation, field)
) STRICT, WITHOUT ROWID;
INSERT INTO extracted (conversation, field, value, provenance, message_id)
    SELECT s.conversation, k.value ->> 'field', k.value -> 'value', k.value -> 'provenance',
           unhex(k.value ->> 'message', '-')
    FROM conversation_states s JOIN outcomes o ON o.message = s.known_since, json_each(o.known) k;
ALTER TABLE conversation_states DROP COLUMN known_since;
ALTER TABLE outcomes DROP COLUMN known;

CREATE TABLE ordered (
    conversation INTEGER NOT NULL REFERENCES conversations (number),
    position INTEGER NOT NULL,
    message_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (conversation, position)
) STRICT, WITHOUT ROWID;
INSERT INTO ordered SELECT conversation, position, message_id, kind, data FROM events ORDER BY conversation, position;
DROP TABLE events;
ALTER TABLE ordered RENAME TO events;
