-- Users who registered. The name is an e-mail address in lower case; of the password only an argon2id hash is here.
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    user_id BLOB NOT NULL UNIQUE REFERENCES users (id),
    password TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
