-- Lists of events by kind and by guide, each in the order in which they are read. Without these a list of a kind that is rare, or
-- not there, reads all events of the workspace by time: of 400,000 in 276 ms (p50), of four million in seconds. With them it is
-- a look-up. Costs one entry more for each event, and one for each event of a guide.
create index events_of_kind on events (workspace_id, kind, occurred_at, event_id);
create index events_of_guide on events (workspace_id, guide_id, occurred_at, event_id) where guide_id is not null;

-- The delivery log of one user or one account: what somebody asks who misses an event. Rows come in without either and get them
-- when they are settled, which writes the row's index entries anyway. Without these the whole log is read: of 400,000
-- deliveries in 331 to 427 ms (p50). By kind it still is: an index for that costs each delivery 100 bytes more.
create index deliveries_of_visitor on deliveries (workspace_id, pendo_visitor_id, delivery_id) where pendo_visitor_id is not null;
create index deliveries_of_account on deliveries (workspace_id, pendo_account_id, delivery_id) where pendo_account_id is not null;
