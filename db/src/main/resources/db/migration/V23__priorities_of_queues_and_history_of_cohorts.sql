-- Which priorities the users of a queue may ask for; and who said what of cohorts and flavours, as of queues.

alter table queues
    add highest_priority integer check (highest_priority between -1000 and 1000); -- null: no limit

-- The classes that the jobs of a queue may be of; of any, if there are none here.
create table queue_priority_classes (
    queue text not null references queues (name) on delete cascade,
    class text not null references priority_classes (name),
    primary key (queue, class)
);
create index queue_priority_classes_class on queue_priority_classes (class);

alter table queue_history rename to settings_history;
alter table settings_history rename column queue to name;
alter table settings_history alter column settings drop not null; -- null: removed
alter table settings_history add kind text not null default 'QUEUE' check (kind in ('QUEUE', 'COHORT', 'FLAVOUR'));
alter table settings_history alter column kind drop default;
drop index queue_history_queue;
create index settings_history_name on settings_history (kind, name, id);

-- The settings as the API calls them. A migration that adds a setting replaces the function of its kind.

create function quotas_said(of_queue text, of_cohort text) returns jsonb language sql stable as $$
    select jsonb_build_object(
               'flavours', string_agg(flavour, ', ' order by ordinal, flavour),
               'quotas', coalesce(jsonb_object_agg(flavour, jsonb_build_object(
                   'nominal', jsonb_build_object('gpus', nominal_gpus, 'cpus', trim_scale(nominal_milli_cpus / 1000.0), 'memoryMB', nominal_memory_mib),
                   'borrowing', jsonb_build_object('gpus', borrowing_gpus, 'cpus', trim_scale(borrowing_milli_cpus / 1000.0), 'memoryMB', borrowing_memory_mib),
                   'lending', jsonb_build_object('gpus', lending_gpus, 'cpus', trim_scale(lending_milli_cpus / 1000.0), 'memoryMB', lending_memory_mib))), '{}'))
      from quotas where queue = of_queue or cohort = of_cohort
$$;

create or replace function queue_settings(which text) returns jsonb language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object(
               'state', q.state, 'cohort', q.cohort, 'weight', q.weight,
               'preemptsLowerPriority', q.preempts_lower_priority, 'reclaim', q.reclaim,
               'preemptsForFairShare', q.preempts_for_fair_share,
               'minimumRunSeconds', q.minimum_run_seconds, 'graceSeconds', q.grace_seconds, 'readyWithinSeconds', q.ready_seconds,
               'perUser', jsonb_build_object('gpus', q.user_gpus, 'cpus', trim_scale(q.user_milli_cpus / 1000.0), 'memoryMB', q.user_memory_mib),
               'budget', jsonb_build_object('gpuHours', trim_scale(q.budget_gpu_hours), 'userGpuHours', trim_scale(q.user_budget_gpu_hours)),
               'idle', jsonb_build_object('action', q.idle_action, 'afterSeconds', q.idle_after_seconds, 'graceSeconds', q.idle_grace_seconds),
               -- None at all where nothing is said: what was kept before has none either, and nothing has changed.
               'priorities', nullif(jsonb_strip_nulls(jsonb_build_object(
                   'highest', q.highest_priority,
                   'classes', (select string_agg(class, ', ' order by class) from queue_priority_classes where queue = which))), '{}'),
               'delegate', lower(q.delegate_scheduler) || ' ' || q.delegate_queue)
           || quotas_said(which, null))
      from queues q where q.name = which
$$;

create function cohort_settings(which text) returns jsonb language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object('parent', c.parent, 'weight', c.weight) || quotas_said(null, which))
      from cohorts c where c.name = which
$$;

create function flavour_settings(which text) returns jsonb language sql stable as $$
    select jsonb_build_object('labels', f.labels) from flavours f where f.name = which
$$;

insert into settings_history (at, kind, name, settings) select now(), 'COHORT', name, cohort_settings(name) from cohorts;
insert into settings_history (at, kind, name, settings) select now(), 'FLAVOUR', name, flavour_settings(name) from flavours;

drop trigger queues_history on queues;
drop trigger quotas_history on quotas;
drop function note_queue();

-- At the end of a transaction, when whatever the settings consist of has been written.
create function note_settings() returns trigger language plpgsql as $$
declare
    what     text;
    whose    text;
    now_said jsonb;
begin
    case tg_table_name
        when 'queues' then what := 'QUEUE'; whose := coalesce(new.name, old.name);
        when 'cohorts' then what := 'COHORT'; whose := coalesce(new.name, old.name);
        when 'flavours' then what := 'FLAVOUR'; whose := coalesce(new.name, old.name);
        when 'queue_priority_classes' then what := 'QUEUE'; whose := coalesce(new.queue, old.queue);
        else
            whose := coalesce(new.queue, old.queue);
            what := case when whose is null then 'COHORT' else 'QUEUE' end;
            whose := coalesce(whose, new.cohort, old.cohort);
    end case;
    now_said := case what when 'QUEUE' then queue_settings(whose) when 'COHORT' then cohort_settings(whose) else flavour_settings(whose) end;
    if now_said is distinct from (select settings from settings_history where kind = what and name = whose order by id desc limit 1) then
        insert into settings_history (at, kind, name, who, settings)
        values (clock_timestamp(), what, whose, nullif(current_setting('shusuan.who', true), ''), now_said);
    end if;
    return null;
end $$;
create constraint trigger queues_history after insert or update or delete on queues
    deferrable initially deferred for each row execute function note_settings();
create constraint trigger queue_classes_history after insert or update or delete on queue_priority_classes
    deferrable initially deferred for each row execute function note_settings();
create constraint trigger cohorts_history after insert or update or delete on cohorts
    deferrable initially deferred for each row execute function note_settings();
create constraint trigger flavours_history after insert or update or delete on flavours
    deferrable initially deferred for each row execute function note_settings();
create constraint trigger quotas_history after insert or update or delete on quotas
    deferrable initially deferred for each row execute function note_settings();
