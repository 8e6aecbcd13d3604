-- Queues whose jobs another scheduler of the cluster admits, and to whom such a job was handed.

alter table queues
    add delegate_scheduler text check (delegate_scheduler in ('KUEUE')),
    add delegate_queue     text, -- as that scheduler calls its own
    add constraint queues_delegate_check check ((delegate_scheduler is null) = (delegate_queue is null));

alter table jobs
    add delegate_scheduler text check (delegate_scheduler in ('KUEUE')),
    add delegate_queue     text,
    add constraint jobs_delegate_check check ((delegate_scheduler is null) = (delegate_queue is null));

-- Such a scheduler may take back what a run has as often as it likes, and has the same run go on.
alter table evictions
    drop constraint evictions_pkey,
    add primary key (job_id, run, at),
    drop constraint evictions_cause_check,
    add constraint evictions_cause_check
        check (cause in ('LOWER_PRIORITY', 'RECLAIM', 'FAIR_SHARE', 'QUEUE_STOPPED', 'NODE_DRAINED', 'NOT_READY', 'DELEGATE'));
