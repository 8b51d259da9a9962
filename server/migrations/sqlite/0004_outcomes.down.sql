ALTER TABLE conversations DROP COLUMN category;
ALTER TABLE messages ADD COLUMN outcome BLOB;
UPDATE messages SET outcome = (SELECT outcome FROM outcomes WHERE message = number);
DROP TABLE outcomes;
