-- What a change of a job costs the database.

-- Room in each page for the next form of a row: what changes no index then stays in its page, and no index hears of it. Of jobs that
-- is what those who wait are told; of tasks it is everything.
alter table jobs set (fillfactor = 70);
alter table tasks set (fillfactor = 70);

-- Only the newest job of a name that has succeeded is looked for; the active ones have an index of their own.
drop index jobs_name;
create index jobs_succeeded_name on jobs (name, id desc) where state = 'SUCCEEDED';

-- Whoever has held nothing has nothing to give back, and whoever holds nothing any more gets nothing.
create or replace function note_holding() returns trigger language plpgsql as $$
begin
    if old.placement is not null then
        update holdings
           set ended = greatest(began, least(now(), coalesce(new.finished_at, now())))
         where job_id = new.id and ended is null;
    end if;
    if new.placement is not null then
        insert into holdings (job_id, run, job_name, owner, queue, flavour, milli_cpus, memory_mib, gpus, began)
        select new.id, new.run, new.name, new.owner, new.queue, placed.flavour,
               sum(placed.tasks * role.milli_cpus), sum(placed.tasks * role.memory_mib), sum(placed.tasks * role.gpus), now()
          from jsonb_to_recordset(new.placement) as placed (role text, flavour text, tasks bigint)
          join task_roles role on role.job_id = new.id and role.name = placed.role
         group by placed.flavour;
    end if;
    return null;
end $$;
