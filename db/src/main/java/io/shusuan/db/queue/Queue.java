package io.shusuan.db.queue;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** A queue that jobs are submitted to. */
@Entity
@Table(name = "queues")
public class Queue {

    @Id
    private String name;

    private boolean held;
    private Instant createdAt;

    protected Queue() {}

    public Queue(QueueName name, Instant now) {
        this.name = name.value();
        this.createdAt = now;
    }

    /** Held: submissions are taken, none is admitted, what runs goes on. */
    public void hold(boolean hold) {
        held = hold;
    }

    public QueueName name() {
        return new QueueName(name);
    }

    public boolean held() {
        return held;
    }

    public Instant createdAt() {
        return createdAt;
    }
}
