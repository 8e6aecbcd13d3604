-- A third kind of job: one that makes another version of a model.
alter table jobs
    drop constraint jobs_kind_check,
    add constraint jobs_kind_check check (kind in ('TRAINING', 'INFERENCE', 'CONVERSION'));
