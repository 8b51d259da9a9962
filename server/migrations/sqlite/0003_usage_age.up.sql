-- What is past its time is a range at the left edge.
CREATE INDEX usage_logs_by_day ON usage_logs (created_ms);
