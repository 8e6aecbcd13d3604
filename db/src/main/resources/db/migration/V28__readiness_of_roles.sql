-- By which path, asked for at which of its ports, the tasks of a role tell that they can answer; null: by taking connections.

alter table task_roles
    add column readiness_port text,
    add column readiness_path text,
    add constraint task_roles_readiness_check check ((readiness_port is null) = (readiness_path is null));
