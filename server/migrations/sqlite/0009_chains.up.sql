-- The messages of a conversation are a chain, newest first, and so are its events: each row names the one before it, and
-- the conversation names the newest. An index by conversation would cost every message three pages of its own (see 0008);
-- a row of the chain is appended with its content. Every 64th event is indexed, so that a page of the past is found
-- without walking the whole way back.
ALTER TABLE messages ADD COLUMN previous INTEGER;
ALTER TABLE events ADD COLUMN previous INTEGER;
ALTER TABLE conversations ADD COLUMN last_message INTEGER;
ALTER TABLE conversations ADD COLUMN last_event INTEGER;
UPDATE messages SET previous =
    (SELECT p.number FROM messages p
     WHERE p.conversation = messages.conversation AND p.sequence = messages.sequence - 1);
UPDATE events SET previous =
    (SELECT p.number FROM events p WHERE p.conversation = events.conversation AND p.position = events.position - 1);
UPDATE conversations SET
    last_message = (SELECT m.number FROM messages m
                    WHERE m.conversation = conversations.number AND m.sequence = conversations.messages),
    last_event = (SELECT e.number FROM events e
                  WHERE e.conversation = conversations.number AND e.position = conversations.head);
DROP INDEX messages_in_order;
DROP INDEX events_in_order;
CREATE UNIQUE INDEX events_anchored ON events (conversation, position) WHERE position % 64 = 1;

-- Where a conversation stands in its business's flow: one row of it to write instead of two. `business_id` is null until
-- its first message has ended; `version` counts the changes.
ALTER TABLE conversations ADD COLUMN business_id BLOB;
ALTER TABLE conversations ADD COLUMN stage_id BLOB;
ALTER TABLE conversations ADD COLUMN entered INTEGER;
ALTER TABLE conversations ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN known_since INTEGER;
UPDATE conversations SET (business_id, stage_id, entered, version, known_since) =
    (SELECT s.business_id, s.stage_id, s.entered, s.version, s.known_since
     FROM conversation_states s WHERE s.conversation = conversations.number)
    WHERE number IN (SELECT conversation FROM conversation_states);
DROP TABLE conversation_states;
