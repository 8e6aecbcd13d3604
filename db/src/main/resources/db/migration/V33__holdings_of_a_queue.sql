-- What one queue has held in some time, without reading what all the others have held then. Whoever asks for that says it in these
-- words; accounts of everybody go by holdings_time.
create index holdings_queue on holdings (queue, (coalesce(ended, 'infinity')), began);
