package io.shusuan.db.job;

import java.time.Instant;
import java.util.Optional;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** The keys of requests that made a job. */
public interface IdempotencyKeys extends Repository<IdempotencyKey, IdempotencyKey.Id> {

    Optional<IdempotencyKey> findById(IdempotencyKey.Id id);

    @Modifying
    @Query("delete from IdempotencyKey k where k.createdAt < :before")
    int deleteOlderThan(Instant before);
}
