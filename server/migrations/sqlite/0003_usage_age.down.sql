DROP INDEX usage_logs_by_day;
