-- Whoever others leave for is read anew: no budget holds it back from then on.
create function note_preemptor() returns trigger language plpgsql as $$
begin
    update jobs set changed = pg_current_xact_id() where id = new.preemptor;
    return null;
end $$;
create trigger evictions_preemptor after insert on evictions for each row
    when (new.preemptor is not null)
    execute function note_preemptor();
