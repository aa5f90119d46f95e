-- The span that caused a delivery, as in the header traceparent; null if nobody records traces. The span of the delivery is linked to it.
alter table deliveries add column trace text;

-- Counted for health and metrics, which must not read all deliveries that ever were.
create index deliveries_parked on deliveries (seq) where state = 3 and target is null;
