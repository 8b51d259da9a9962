-- What remains of uploaded request logs: figures and a sample, JSON packed with LZ4, never the log itself.
CREATE TABLE usage_logs (
    user_id BLOB NOT NULL,
    id BLOB NOT NULL,
    created_ms INTEGER NOT NULL,
    figures BLOB NOT NULL,
    PRIMARY KEY (user_id, id)
) STRICT;
CREATE INDEX usage_logs_by_age ON usage_logs (user_id, created_ms);
