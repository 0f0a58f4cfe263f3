-- While every package backs off, the queue asks this index alone whether anything is due.
CREATE INDEX outbox_next ON outbox (next_try_at) WHERE state IN ('queued', 'sending');
