-- What each agent told last, so that every replica sees the same whichever the agents report to. Not logged, since each report says everything
-- anew within seconds; rows stay on their pages, as nothing that changes is in an index.

create unlogged table agent_reports (
    agent_id    uuid        primary key,
    job_id      uuid,                                  -- whose task it runs in
    node        text,                                  -- of which it tells
    hostname    text        not null,
    started_at  timestamptz not null,
    reported_at timestamptz not null,
    length      integer     not null,                  -- of the report
    report      text        not null                   -- JSON in ASCII, in which any character can be told
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

create index agent_reports_job on agent_reports (job_id) where job_id is not null;
create index agent_reports_node on agent_reports (node) where node is not null;
