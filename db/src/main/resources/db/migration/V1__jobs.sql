-- What the platform remembers about jobs. The submitted bytes (spec) are the truth; the other
-- columns are what lists, filters and the scheduler need without parsing it again.

create table queues (
    name       text primary key,
    held       boolean     not null default false,
    created_at timestamptz not null default now()
);
insert into queues (name) values ('default');

create table jobs (
    id                uuid primary key,               -- version 7: newest first is id descending
    name              text        not null,
    owner             text        not null,
    queue             text        not null references queues (name),
    kind              text        not null check (kind in ('TRAINING', 'INFERENCE')),
    state             text        not null check (state in ('QUEUED', 'ADMITTED', 'STARTING', 'RUNNING', 'STOPPING',
                                                            'SUCCEEDED', 'FAILED', 'STOPPED', 'SUSPENDED')),
    priority          integer     not null,
    description       text,
    spec              bytea       not null,
    spec_media_type   text        not null,
    artifact_sources  jsonb       not null,           -- mount name -> id of the job whose artifacts it shows
    milli_cpus        bigint      not null,
    memory_mib        bigint      not null,
    gpus              integer     not null,
    reason            text,                           -- why it is in this state: code ...
    message           text,                           -- ... and sentence
    condition_reason  text,                           -- what disturbs it meanwhile, e.g. a cluster that cannot be asked
    condition_message text,
    condition_since   timestamptz,
    ending_as         text check (ending_as in ('FAILED', 'STOPPED')), -- what STOPPING will end in
    created_at        timestamptz not null,
    admitted_at       timestamptz,
    started_at        timestamptz,
    finished_at       timestamptz,
    version           bigint      not null,
    search            tsvector generated always as (to_tsvector('simple', name || ' ' || coalesce(description, ''))) stored
);

-- A name is taken while its job is active: /serve/{name} must mean one job.
create unique index jobs_active_name on jobs (name)
    where state in ('QUEUED', 'ADMITTED', 'STARTING', 'RUNNING', 'STOPPING', 'SUSPENDED');
-- What the scheduler reads each cycle, small whatever the history.
create index jobs_active on jobs (state, id)
    where state in ('QUEUED', 'ADMITTED', 'STARTING', 'RUNNING', 'STOPPING', 'SUSPENDED');
-- The line of each queue, in the order of admission.
create index jobs_waiting on jobs (queue, priority desc, id) where state = 'QUEUED';
create index jobs_state on jobs (state, id desc);
create index jobs_owner on jobs (owner, id desc);
create index jobs_queue on jobs (queue, id desc);
create index jobs_kind on jobs (kind, id desc);
create index jobs_name on jobs (name, id desc);
create index jobs_search on jobs using gin (search);

create table task_roles (
    job_id      uuid    not null references jobs (id) on delete cascade,
    ordinal     integer not null,
    name        text    not null,
    task_number integer not null,
    milli_cpus  integer not null,
    memory_mib  bigint  not null,
    gpus        integer not null,
    image       text,
    primary key (job_id, ordinal)
);

create table tasks (
    job_id     uuid    not null,
    role       text    not null,
    task_index integer not null,
    state      text    not null check (state in ('WAITING', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'STOPPED')),
    ready      boolean not null default false,
    message    text,
    primary key (job_id, role, task_index),
    foreign key (job_id) references jobs (id) on delete cascade
);

-- One try to run a task: a process of the local cluster or a pod.
create table attempts (
    job_id      uuid        not null,
    uid         text        not null,                 -- the cluster's own name for it
    role        text        not null,
    task_index  integer     not null,
    number      integer     not null,
    state       text        not null,
    node        text,
    endpoints   jsonb       not null,
    exit_code   integer,
    reason      text,
    message     text,
    started_at  timestamptz,
    finished_at timestamptz,
    primary key (job_id, uid),
    foreign key (job_id, role, task_index) references tasks (job_id, role, task_index) on delete cascade
);

create sequence job_event_ids increment by 50;
create table job_events (
    id      bigint primary key,
    job_id  uuid        not null references jobs (id) on delete cascade,
    at      timestamptz not null,
    type    text        not null check (type in ('NORMAL', 'WARNING')),
    reason  text        not null,
    message text        not null
);
create index job_events_job on job_events (job_id, id);

-- A repeated POST with the same key by the same user gives the first answer again.
create table idempotency_keys (
    owner      text        not null,
    key        text        not null,
    digest     text        not null,
    job_id     uuid        not null,
    created_at timestamptz not null,
    primary key (owner, key)
);
create index idempotency_keys_created on idempotency_keys (created_at);
