-- What was said of queues, when and by whom: each state of the settings, whoever wrote it.

-- The settings as the API calls them. A migration that adds a setting replaces this.
create function queue_settings(which text) returns jsonb language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object(
               'state', q.state, 'cohort', q.cohort, 'weight', q.weight,
               'preemptsLowerPriority', q.preempts_lower_priority, 'reclaim', q.reclaim,
               'preemptsForFairShare', q.preempts_for_fair_share,
               'minimumRunSeconds', q.minimum_run_seconds, 'graceSeconds', q.grace_seconds, 'readyWithinSeconds', q.ready_seconds,
               'perUser', jsonb_build_object('gpus', q.user_gpus, 'cpus', trim_scale(q.user_milli_cpus / 1000.0), 'memoryMB', q.user_memory_mib),
               'budget', jsonb_build_object('gpuHours', trim_scale(q.budget_gpu_hours), 'userGpuHours', trim_scale(q.user_budget_gpu_hours)),
               'idle', jsonb_build_object('action', q.idle_action, 'afterSeconds', q.idle_after_seconds, 'graceSeconds', q.idle_grace_seconds),
               'delegate', lower(q.delegate_scheduler) || ' ' || q.delegate_queue,
               'flavours', (select string_agg(flavour, ', ' order by ordinal, flavour) from quotas where queue = which),
               'quotas', coalesce((
                   select jsonb_object_agg(flavour, jsonb_build_object(
                              'nominal', jsonb_build_object('gpus', nominal_gpus, 'cpus', trim_scale(nominal_milli_cpus / 1000.0), 'memoryMB', nominal_memory_mib),
                              'borrowing', jsonb_build_object('gpus', borrowing_gpus, 'cpus', trim_scale(borrowing_milli_cpus / 1000.0), 'memoryMB', borrowing_memory_mib),
                              'lending', jsonb_build_object('gpus', lending_gpus, 'cpus', trim_scale(lending_milli_cpus / 1000.0), 'memoryMB', lending_memory_mib)))
                     from quotas where queue = which), '{}')))
      from queues q where q.name = which
$$;

create table queue_history (
    id       bigint      generated always as identity primary key,
    at       timestamptz not null,
    queue    text        not null,
    who      text,                                      -- null: not known, as for what there was before this table
    settings jsonb       not null                       -- from then on
);
create index queue_history_queue on queue_history (queue, id);

insert into queue_history (at, queue, settings) select now(), name, queue_settings(name) from queues;

-- At the end of a transaction, when the queue and its quotas have all been written.
create function note_queue() returns trigger language plpgsql as $$
declare
    changed text;
    now_said jsonb;
begin
    if tg_table_name = 'queues' then
        changed := new.name;
    elsif tg_op = 'DELETE' then
        changed := old.queue;
    else
        changed := new.queue;
    end if;
    now_said := queue_settings(changed);
    if now_said is not null and now_said is distinct from (select settings from queue_history where queue = changed order by id desc limit 1) then
        insert into queue_history (at, queue, who, settings)
        values (clock_timestamp(), changed, nullif(current_setting('shusuan.who', true), ''), now_said);
    end if;
    return null;
end $$;
create constraint trigger queues_history after insert or update on queues
    deferrable initially deferred for each row execute function note_queue();
create constraint trigger quotas_history after insert or update or delete on quotas
    deferrable initially deferred for each row execute function note_queue();
