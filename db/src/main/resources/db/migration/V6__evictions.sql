-- Who may take what from whom: queues say whom their jobs evict, evicted jobs go back to their place and run anew.

alter table queues
    add state                   text    not null default 'OPEN' check (state in ('OPEN', 'HELD', 'DRAINED', 'STOPPED')),
    add preempts_lower_priority boolean not null default false,
    add reclaim                 text    not null default 'NONE' check (reclaim in ('NONE', 'LOWER_PRIORITY', 'ANY')),
    add preempts_for_fair_share boolean not null default false,
    add minimum_run_seconds     integer not null default 0 check (minimum_run_seconds between 0 and 31536000),
    add grace_seconds           integer not null default 30 check (grace_seconds between 0 and 3600);
update queues set state = 'HELD' where held;
alter table queues drop held;

alter table jobs
    add run           integer not null default 1 check (run > 0),  -- one more with each eviction
    add grace_seconds integer not null default 10,                  -- between TERM and KILL when it is evicted; its queue's when it was admitted
    add evicted_at    timestamptz,                                  -- while it leaves to come back
    add evicted_for   uuid,                                         -- the job for which it does
    drop constraint jobs_ending_as_check,
    add constraint jobs_ending_as_check check (ending_as in ('FAILED', 'STOPPED', 'QUEUED'));

alter table attempts add run integer not null default 1;

-- What was taken from whom, for whom, and what that cost.
create table evictions (
    job_id             uuid        not null references jobs (id) on delete cascade,
    run                integer     not null,
    at                 timestamptz not null,
    cause              text        not null check (cause in ('LOWER_PRIORITY', 'RECLAIM', 'FAIR_SHARE', 'QUEUE_STOPPED')),
    preemptor          uuid,                      -- may be deleted before the job is
    wasted_gpu_seconds bigint      not null check (wasted_gpu_seconds >= 0),
    primary key (job_id, run)
);
create index evictions_preemptor on evictions (preemptor);
