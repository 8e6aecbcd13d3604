-- What the queue decided, and from what: kept for a while, to be asked about and decided again.

create table cycles (
    id       bigint      generated always as identity primary key,
    at       timestamptz not null,  -- by the clock of whoever scheduled
    whole    boolean     not null,  -- stands by itself; others say what differs from the one before
    waiting  integer     not null,
    running  integer     not null,
    admitted integer     not null,
    leaving  integer     not null,  -- how many were told to
    bytes    integer     not null,
    content  bytea       not null
);
alter table cycles alter content set storage external; -- it is compressed already
