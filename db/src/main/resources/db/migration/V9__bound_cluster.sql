-- Where the jobs that hold resources hold them. A platform that uses another cluster would take them for vanished.
create table bound_cluster (
    only_row boolean primary key default true check (only_row),
    cluster  text -- null: none has been used yet
);
insert into bound_cluster default values;
