-- Events are read in the order of their ids. Ids handed out in blocks broke that as soon as there was a second writer:
-- what it told later could have a smaller id.
alter sequence job_event_ids increment by 1 owned by job_events.id;
select setval('job_event_ids', coalesce(max(id), 0) + 1, false) from job_events;
alter table job_events alter id set default nextval('job_event_ids');
