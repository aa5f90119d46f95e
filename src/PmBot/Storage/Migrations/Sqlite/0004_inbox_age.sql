-- Old posts are forgotten a few at a time, the oldest first.
create index inbox_by_age on inbox (received_at);
