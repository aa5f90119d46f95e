-- The delivery whose post an edit changes: a newer edit of it supersedes those that still wait, or are parked with the post (state 4, error 'superseded').
alter table deliveries add column target text;
create index deliveries_by_target on deliveries (target) where state in (0, 3) and target is not null;
