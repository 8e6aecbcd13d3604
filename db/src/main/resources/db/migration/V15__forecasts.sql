-- When a waiting job is expected to start: as it was told first, by which it is judged, and as it is told now.
create table forecasts (
    job_id         uuid        primary key references jobs (id) on delete cascade,
    queue          text        not null,
    first_at       timestamptz not null,
    first_earliest timestamptz not null,
    first_expected timestamptz,                        -- null: later than is looked ahead, or never
    first_latest   timestamptz,                        -- likewise
    told_at        timestamptz not null,
    earliest       timestamptz not null,
    expected       timestamptz,
    latest         timestamptz,
    started_at     timestamptz                         -- when it was admitted
);
create index forecasts_judged on forecasts (started_at desc) where started_at is not null;
create index forecasts_judged_queue on forecasts (queue, started_at desc) where started_at is not null;
create index forecasts_open on forecasts (job_id) where started_at is null;
