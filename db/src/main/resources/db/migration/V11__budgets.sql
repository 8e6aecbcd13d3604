alter table queues
    -- GPU-hours of a calendar month; null: no limit.
    add budget_gpu_hours      numeric(12, 2) check (budget_gpu_hours >= 0),
    add user_budget_gpu_hours numeric(12, 2) check (user_budget_gpu_hours >= 0);
