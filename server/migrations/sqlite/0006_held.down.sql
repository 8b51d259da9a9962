DROP INDEX conversations_held;
ALTER TABLE conversations DROP COLUMN held;
