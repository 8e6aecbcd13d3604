package io.shusuan.db.job;

import jakarta.persistence.LockModeType;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** The stored jobs. */
public interface Jobs extends Repository<Job, UUID> {

    Optional<Job> findById(UUID id);

    default Optional<Job> find(JobId id) {
        return findById(id.value());
    }

    /** Waits for whoever holds it, and holds it until the end of the caller's transaction. */
    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select j from Job j where j.id = :id")
    Optional<Job> hold(UUID id);

    /** One text whatever their number, which is prepared once. */
    @Query(nativeQuery = true, value = "select j.* from jobs j where j.id = any(:ids) order by j.id")
    List<Job> findByIds(UUID[] ids);

    /** Those of them that are there, in the order of their ids. */
    default Map<JobId, Job> findAll(Collection<JobId> ids) {
        var found = new LinkedHashMap<JobId, Job>();
        findByIds(ids.stream().map(JobId::value).toArray(UUID[]::new)).forEach(job -> found.put(job.id(), job));
        return found;
    }

    @Query("select j from Job j where j.name = :name and j.state in :states")
    Optional<Job> findByName(String name, Collection<JobState> states);

    @Query("select j from Job j where j.name = :name and j.state = 'SUCCEEDED' order by j.id desc limit 1")
    Optional<Job> newestSucceeded(String name);

    @Query("select j.id from Job j where j.state in :states order by j.id")
    List<UUID> idsIn(Collection<JobState> states);

    /** Which of these are there. */
    @Query("select j.id from Job j where j.id in :ids")
    List<UUID> idsAmong(Collection<UUID> ids);

    /** An active job that mounts what this one has written; the first of them, if there are several. */
    @Query(nativeQuery = true, value = """
                    select j.name from jobs j
                     where j.state in ('QUEUED', 'ADMITTED', 'STARTING', 'RUNNING', 'STOPPING', 'SUSPENDED')
                       and exists (select 1 from jsonb_each_text(j.artifact_sources) mount where mount.value = :source)
                     order by j.id limit 1""")
    Optional<String> nameMounting(String source);

    void delete(Job job);
}
