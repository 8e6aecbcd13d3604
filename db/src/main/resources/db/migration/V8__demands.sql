-- What jobs ask for beside resources: kinds of nodes, nearness, a limit of time. Read by the queue only.

alter table jobs
    add demands jsonb; -- null for nothing
