-- A job that ended while the platform was down has held nothing since then, though that is noticed later.
create or replace function note_holding() returns trigger language plpgsql as $$
begin
    update holdings
       set ended = greatest(began, least(now(), coalesce(new.finished_at, now())))
     where job_id = new.id and ended is null;
    insert into holdings (job_id, run, job_name, owner, queue, flavour, milli_cpus, memory_mib, gpus, began)
    select new.id, new.run, new.name, new.owner, new.queue, placed.flavour,
           sum(placed.tasks * role.milli_cpus), sum(placed.tasks * role.memory_mib), sum(placed.tasks * role.gpus), now()
      from jsonb_to_recordset(coalesce(new.placement, '[]')) as placed (role text, flavour text, tasks bigint)
      join task_roles role on role.job_id = new.id and role.name = placed.role
     group by placed.flavour;
    return null;
end $$;
