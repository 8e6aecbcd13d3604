-- Why GPUs are not well, as node agents tell it, and what was done because of it.
create table node_faults (
    id          bigint      generated always as identity primary key,
    node        text        not null,
    gpu         text        not null,                  -- its UUID, or its number where it has told none
    kind        text        not null check (kind in ('FATAL_XID', 'UNCORRECTABLE_ECC', 'ROW_REMAP_FAILURE', 'LOST',
                                                     'RESET_REQUIRED')),
    xid         integer,
    since       timestamptz not null,
    ended_at    timestamptz,                           -- null: it is still told of
    cordoned_at timestamptz                            -- when the node was cordoned because of it
);
create unique index node_faults_standing on node_faults (node, gpu, kind, coalesce(xid, 0)) where ended_at is null;
