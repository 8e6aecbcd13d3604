-- Further schedulers that queues can be handed to.

alter table queues
    drop constraint queues_delegate_scheduler_check,
    add constraint queues_delegate_scheduler_check check (delegate_scheduler in ('KUEUE', 'VOLCANO', 'KAI'));

alter table jobs
    drop constraint jobs_delegate_scheduler_check,
    add constraint jobs_delegate_scheduler_check check (delegate_scheduler in ('KUEUE', 'VOLCANO', 'KAI'));
