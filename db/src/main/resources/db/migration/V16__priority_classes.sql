-- Names for priorities: jobs ask for a class, and administrators say what it is worth, then and later.

create table priority_classes (
    name        text    primary key,
    value       integer not null check (value between -1000 and 1000),
    description text
);

alter table jobs
    add priority_class text; -- whose value its priority is as long as it is active; the class may be gone afterwards
create index jobs_priority_class on jobs (priority_class)
    where priority_class is not null and state in ('QUEUED', 'ADMITTED', 'STARTING', 'RUNNING', 'STOPPING', 'SUSPENDED');

-- With the value of a class the rank of its jobs changes, and so does whom they may evict.
drop trigger jobs_change on jobs;
create trigger jobs_change before update on jobs for each row
    when ((old.state, old.placement, old.admitted_at, old.started_at, old.priority)
          is distinct from (new.state, new.placement, new.admitted_at, new.started_at, new.priority))
    execute function note_job_change();
