-- What is sent next is found in an index, and not among all that was ever sent; it holds the lane, so that a row is read only if it is the first of its lane.
drop index deliveries_by_due;
create index deliveries_waiting on deliveries (due_at, seq, lane) where state = 0;
create index deliveries_expiring on deliveries (expires_at) where state = 0 and expires_at is not null;
create index deliveries_under_way on deliveries (seq) where state = 1;
