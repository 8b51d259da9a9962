-- A message's row never grows after its acceptance, so that its page is not split when it ends; the outcomes, which are
-- many times larger, are only ever appended, to a table of their own. JSON, packed with LZ4.
CREATE TABLE outcomes (
    message INTEGER PRIMARY KEY REFERENCES messages (number),
    outcome BLOB NOT NULL
) STRICT;
INSERT INTO outcomes SELECT number, outcome FROM messages WHERE outcome IS NOT NULL ORDER BY number;
ALTER TABLE messages DROP COLUMN outcome;
-- What the conversation was last about: a follow-up seldom says it again.
ALTER TABLE conversations ADD COLUMN category TEXT;
