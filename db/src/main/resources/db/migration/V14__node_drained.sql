-- Jobs leave nodes that an administrator has emptied.

alter table evictions
    drop constraint evictions_cause_check,
    add constraint evictions_cause_check
        check (cause in ('LOWER_PRIORITY', 'RECLAIM', 'FAIR_SHARE', 'QUEUE_STOPPED', 'NODE_DRAINED', 'NOT_READY'));
