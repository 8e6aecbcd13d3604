-- Whom each kept cycle gave room or told to leave, so that it is found by a job or a queue without reading what was kept of all cycles.
-- Of cycles that were kept before, nothing is known here; they are forgotten within eight days.

create table cycle_acts (
    cycle bigint not null references cycles (id) on delete cascade,
    job   uuid   not null,
    queue text   not null,
    given boolean not null,                             -- room, now or when others have left; false: told to leave
    primary key (cycle, job)
);
create index cycle_acts_job on cycle_acts (job, cycle);
create index cycle_acts_queue on cycle_acts (queue, cycle);
