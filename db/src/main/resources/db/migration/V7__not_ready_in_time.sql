-- Gangs that do not become ready give back what they hold, and try again later and later.

alter table queues
    add ready_seconds integer check (ready_seconds between 1 and 86400); -- null: no limit

alter table jobs
    add ready_by   timestamptz,                   -- as its queue said when it was admitted
    add unready    integer not null default 0,    -- how often in a row it was not ready in time
    add not_before timestamptz;                   -- until then it is not looked at

alter table evictions
    drop constraint evictions_cause_check,
    add constraint evictions_cause_check
        check (cause in ('LOWER_PRIORITY', 'RECLAIM', 'FAIR_SHARE', 'QUEUE_STOPPED', 'NOT_READY'));
