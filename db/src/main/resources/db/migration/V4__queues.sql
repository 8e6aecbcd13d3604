-- Who may use how much of what, which nodes there are for it, and what the queue has to remember of its jobs.

-- A kind of nodes, known by their labels. A node is of the flavour that names most of its labels, and of no other.
create table flavours (
    name   text primary key,
    labels jsonb not null check (jsonb_typeof(labels) = 'object')
);
insert into flavours (name, labels) values ('default', '{}');

-- Queues that lend to each other; a cohort may be in another one.
create table cohorts (
    name       text primary key,
    parent     text references cohorts (name),
    weight     double precision not null default 1 check (weight > 0 and weight <= 1000000),
    created_at timestamptz      not null default now(),
    check (parent <> name)
);

alter table queues
    add cohort          text references cohorts (name),
    add weight          double precision not null default 1 check (weight > 0 and weight <= 1000000),
    -- What the jobs of one user may have together; null: no limit.
    add user_milli_cpus bigint check (user_milli_cpus between 0 and 1099511627776),
    add user_memory_mib bigint check (user_memory_mib between 0 and 1099511627776),
    add user_gpus       bigint check (user_gpus between 0 and 1099511627776);

-- What a queue or a cohort has of a flavour; null: no limit. A queue without any may use all that there is.
create table quotas (
    queue                text references queues (name) on delete cascade,
    cohort               text references cohorts (name) on delete cascade,
    flavour              text    not null references flavours (name),
    ordinal              integer not null,               -- the order in which its flavours are tried
    nominal_milli_cpus   bigint check (nominal_milli_cpus between 0 and 1099511627776),
    nominal_memory_mib   bigint check (nominal_memory_mib between 0 and 1099511627776),
    nominal_gpus         bigint check (nominal_gpus between 0 and 1099511627776),
    borrowing_milli_cpus bigint check (borrowing_milli_cpus between 0 and 1099511627776),
    borrowing_memory_mib bigint check (borrowing_memory_mib between 0 and 1099511627776),
    borrowing_gpus       bigint check (borrowing_gpus between 0 and 1099511627776),
    lending_milli_cpus   bigint check (lending_milli_cpus between 0 and 1099511627776),
    lending_memory_mib   bigint check (lending_memory_mib between 0 and 1099511627776),
    lending_gpus         bigint check (lending_gpus between 0 and 1099511627776),
    check ((queue is null) <> (cohort is null)),
    unique nulls not distinct (queue, cohort, flavour)
);

alter table jobs
    -- Its place in the line: when it was submitted, in milliseconds, less what its priority is worth. It never changes.
    add rank      bigint not null generated always as
                      (floor(extract(epoch from created_at at time zone 'UTC') * 1000)::bigint - priority * 600000::bigint) stored,
    add placement jsonb,                                 -- [{role, flavour, node, tasks}] while it holds resources
    add changed   xid8   not null default pg_current_xact_id(); -- whoever reads what is new asks for this

-- Where the tasks are that run already.
update jobs j
   set placement = (select jsonb_agg(jsonb_build_object('role', role, 'flavour', 'default', 'node', node, 'tasks', tasks))
                      from (select a.role, a.node, count(distinct a.task_index) as tasks
                              from attempts a
                             where a.job_id = j.id and a.node is not null and a.finished_at is null
                             group by a.role, a.node) seen)
 where j.state in ('ADMITTED', 'STARTING', 'RUNNING', 'STOPPING');

drop index jobs_waiting;
-- The line of each queue, in the order of admission.
create index jobs_waiting on jobs (queue, rank, id) where state = 'QUEUED';
create index jobs_changed on jobs (changed);

create function note_job_change() returns trigger language plpgsql as $$
begin
    new.changed := pg_current_xact_id();
    return new;
end $$;
-- Not for what the queue itself tells the waiting: it would read all of it again.
create trigger jobs_change before update on jobs for each row
    when ((old.state, old.placement, old.admitted_at, old.started_at)
          is distinct from (new.state, new.placement, new.admitted_at, new.started_at))
    execute function note_job_change();
