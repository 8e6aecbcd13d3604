package io.shusuan.db.queue;

import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** The queues there are. */
public interface Queues extends Repository<Queue, String> {

    Optional<Queue> findById(String name);

    @Query("select q from Queue q order by q.name")
    List<Queue> all();

    Queue save(Queue queue);
}
