-- What jobs have held, and for how long. The rows follow the placements, whoever writes those, and outlive the jobs.
create table holdings (
    job_id     uuid        not null,
    run        integer     not null,
    job_name   text        not null,
    owner      text        not null,
    queue      text        not null,
    flavour    text        not null,
    milli_cpus bigint      not null,
    memory_mib bigint      not null,
    gpus       bigint      not null,
    began      timestamptz not null,
    ended      timestamptz,                           -- null: it holds it still
    check (ended >= began)
);
create index holdings_open on holdings (job_id) where ended is null;
create index holdings_time on holdings using gist (tstzrange(began, ended));

create function note_holding() returns trigger language plpgsql as $$
begin
    update holdings set ended = greatest(began, now()) where job_id = new.id and ended is null;
    insert into holdings (job_id, run, job_name, owner, queue, flavour, milli_cpus, memory_mib, gpus, began)
    select new.id, new.run, new.name, new.owner, new.queue, placed.flavour,
           sum(placed.tasks * role.milli_cpus), sum(placed.tasks * role.memory_mib), sum(placed.tasks * role.gpus), now()
      from jsonb_to_recordset(coalesce(new.placement, '[]')) as placed (role text, flavour text, tasks bigint)
      join task_roles role on role.job_id = new.id and role.name = placed.role
     group by placed.flavour;
    return null;
end $$;
create trigger jobs_holding after update on jobs for each row
    when (old.placement is distinct from new.placement)
    execute function note_holding();

-- What is held already counts from its admission.
insert into holdings (job_id, run, job_name, owner, queue, flavour, milli_cpus, memory_mib, gpus, began)
select j.id, j.run, j.name, j.owner, j.queue, placed.flavour,
       sum(placed.tasks * role.milli_cpus), sum(placed.tasks * role.memory_mib), sum(placed.tasks * role.gpus), min(j.admitted_at)
  from jobs j,
       jsonb_to_recordset(j.placement) as placed (role text, flavour text, tasks bigint)
  join task_roles role on role.name = placed.role
 where j.placement is not null and role.job_id = j.id and j.admitted_at is not null
 group by j.id, placed.flavour;

-- Evictions outlive the jobs, too: whose work was lost, and who has to answer for it.
alter table evictions
    drop constraint evictions_job_id_fkey,
    add job_name           text,
    add owner              text,
    add queue              text,
    add preemptor_name     text,
    add preemptor_owner    text,
    add preemptor_queue    text;
update evictions e set job_name = j.name, owner = j.owner, queue = j.queue from jobs j where j.id = e.job_id;
update evictions e set preemptor_name = j.name, preemptor_owner = j.owner, preemptor_queue = j.queue from jobs j where j.id = e.preemptor;
create index evictions_at on evictions (at);

create function note_parties() returns trigger language plpgsql as $$
begin
    select name, owner, queue into new.job_name, new.owner, new.queue from jobs where id = new.job_id;
    select name, owner, queue into new.preemptor_name, new.preemptor_owner, new.preemptor_queue from jobs where id = new.preemptor;
    return new;
end $$;
create trigger evictions_parties before insert on evictions for each row execute function note_parties();
