CREATE TABLE conversation_states (
    conversation INTEGER PRIMARY KEY REFERENCES conversations (number),
    business_id BLOB NOT NULL,
    stage_id BLOB NOT NULL,
    entered INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    known_since INTEGER
) STRICT;
INSERT INTO conversation_states
    SELECT number, business_id, stage_id, entered, version, updated_ms, known_since
    FROM conversations WHERE business_id IS NOT NULL;
ALTER TABLE conversations DROP COLUMN known_since;
ALTER TABLE conversations DROP COLUMN version;
ALTER TABLE conversations DROP COLUMN entered;
ALTER TABLE conversations DROP COLUMN stage_id;
ALTER TABLE conversations DROP COLUMN business_id;

DROP INDEX events_anchored;
CREATE UNIQUE INDEX events_in_order ON events (conversation, position);
CREATE UNIQUE INDEX messages_in_order ON messages (conversation, sequence);
ALTER TABLE conversations DROP COLUMN last_event;
ALTER TABLE conversations DROP COLUMN last_message;
ALTER TABLE events DROP COLUMN previous;
ALTER TABLE messages DROP COLUMN previous;
