-- Whether the answering of a conversation is stopped: its messages are kept and wait.
ALTER TABLE conversations ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
CREATE INDEX conversations_held ON conversations (number) WHERE held = 1;
