-- What every message writes is appended wherever that is possible, so that the many messages of one commit share pages:
-- a row in the middle of a tree costs a page of its own in the log, and again when the log is copied back.

-- The durable events of a conversation; the same bytes to every reader, for ever.
CREATE TABLE appended (
    number INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations (number),
    position INTEGER NOT NULL,
    message_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL
) STRICT;
INSERT INTO appended (conversation, position, message_id, kind, data)
    SELECT conversation, position, message_id, kind, data FROM events ORDER BY conversation, position;
DROP TABLE events;
ALTER TABLE appended RENAME TO events;
CREATE UNIQUE INDEX events_in_order ON events (conversation, position);

-- What is known of the workload since a message, if the message changed it: a JSON array of
-- {field, value, provenance, message}. The state of the conversation names the message.
ALTER TABLE outcomes ADD COLUMN known TEXT;
ALTER TABLE conversation_states ADD COLUMN known_since INTEGER;
UPDATE conversation_states SET known_since =
    (SELECT max(o.message) FROM messages m JOIN outcomes o ON o.message = m.number
     WHERE m.conversation = conversation_states.conversation)
    WHERE EXISTS (SELECT 1 FROM extracted e WHERE e.conversation = conversation_states.conversation);
UPDATE outcomes SET known =
    (SELECT json_group_array(json_object('field', e.field, 'value', json(e.value), 'provenance', json(e.provenance),
                                         'message', lower(hex(e.message_id))) ORDER BY e.field)
     FROM conversation_states s JOIN extracted e ON e.conversation = s.conversation
     WHERE s.known_since = outcomes.message AND e.value <> 'null')
    WHERE message IN (SELECT known_since FROM conversation_states);
DROP TABLE extracted;
