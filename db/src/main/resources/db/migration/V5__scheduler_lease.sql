-- Who schedules. The token grows with each change of the holder; who writes with an older one is refused.
create table scheduler_lease (
    only_row   boolean primary key default true check (only_row),
    holder     text,
    token      bigint      not null default 0,
    expires_at timestamptz not null default '-infinity'
);
insert into scheduler_lease default values;
