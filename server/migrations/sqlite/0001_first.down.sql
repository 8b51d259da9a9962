DROP TABLE idempotency;
DROP TABLE events;
DROP TABLE messages;
DROP TABLE conversations;
DROP TABLE sessions;
DROP TABLE users;
DROP TABLE meta;
