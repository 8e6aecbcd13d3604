-- With how many of its tasks a role may begin; null for all of them.

alter table task_roles
    add min_task_number integer check (min_task_number between 1 and task_number);
