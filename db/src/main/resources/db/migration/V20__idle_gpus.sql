-- GPUs that jobs hold and do not use: what a queue does about it, since when it is measured, and what people were told.

alter table queues
    add idle_action        text    not null default 'NONE' check (idle_action in ('NONE', 'WARN', 'NOTIFY', 'STOP')),
    add idle_after_seconds integer not null default 1800 check (idle_after_seconds between 60 and 2592000),
    add idle_grace_seconds integer not null default 900 check (idle_grace_seconds between 0 and 86400);

-- The warning that stands on a job, if one does.
alter table jobs
    add idle_since    timestamptz,
    add idle_message  text,
    add idle_stops_at timestamptz;                      -- null: only warned of

-- Of what a job holds on a node, since when all GPUs do nothing, as the node's agent tells. Only of queues that want to know.
create table gpu_idleness (
    job_id  uuid        not null references jobs (id) on delete cascade,
    run     integer     not null,
    node    text        not null,
    since   timestamptz,                                -- null: at least one works, or it cannot be told
    told    timestamptz,                                -- what the agent said, which begins anew when it is started anew
    missed  interval    not null,                       -- for how long nobody looked meanwhile, which does not count
    seen_at timestamptz not null,
    primary key (job_id, node)
);

-- What people are told beside the pages of their jobs. Outlives the jobs.
create table notices (
    id           bigint      generated always as identity primary key,
    username     text        not null,
    at           timestamptz not null,
    kind         text        not null,
    job_id       uuid        not null,
    job_name     text        not null,
    queue        text        not null,
    message      text        not null,
    read_at      timestamptz,
    attempts     integer     not null default 0,        -- to send it
    next_try     timestamptz,                           -- null: it is sent, given up, or nobody wants it
    delivered_at timestamptz
);
create index notices_unread on notices (username, id) where read_at is null;
create index notices_due on notices (next_try) where next_try is not null;
create index notices_at on notices (at);
