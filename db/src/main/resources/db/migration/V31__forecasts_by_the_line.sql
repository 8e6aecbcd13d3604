-- How it was found when a job will start, now and when it was told first: each kind of guess is judged for itself.

alter table forecasts
    add found_by       text   not null default 'SIMULATION' check (found_by in ('SIMULATION', 'LINE')),
    add first_found_by text   not null default 'SIMULATION' check (first_found_by in ('SIMULATION', 'LINE')),
    add room           bigint,                         -- by the line: how many GPUs, or thousandths of cores, its queue has at most
    add check ((found_by = 'LINE') = (room is not null));

drop index forecasts_judged;
drop index forecasts_judged_queue;
create index forecasts_judged on forecasts (started_at desc) where started_at is not null and first_found_by = 'SIMULATION';
create index forecasts_judged_queue on forecasts (queue, first_found_by, started_at desc) where started_at is not null;

-- Whoever is behind the first of its queue is told by its neighbours among these.
create index forecasts_line on forecasts (queue) where started_at is null and found_by = 'LINE';

-- A job may begin anew with more tasks.
alter table evictions
    drop constraint evictions_cause_check,
    add constraint evictions_cause_check
        check (cause in ('LOWER_PRIORITY', 'RECLAIM', 'FAIR_SHARE', 'QUEUE_STOPPED', 'NODE_DRAINED', 'NOT_READY', 'DELEGATE', 'GROWTH'));
