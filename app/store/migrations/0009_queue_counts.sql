-- Counting what waits and its bytes reads this index alone.
CREATE INDEX outbox_counts ON outbox (state, package_bytes);
