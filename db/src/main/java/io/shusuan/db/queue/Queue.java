package io.shusuan.db.queue;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** A queue that jobs are submitted to. */
@Entity
@Table(name = "queues")
public class Queue {

    @Id
    private String name;

    @Enumerated(EnumType.STRING)
    private QueueState state;

    private Instant createdAt;

    protected Queue() {}

    public Queue(QueueName name, Instant now) {
        this.name = name.value();
        this.state = QueueState.OPEN;
        this.createdAt = now;
    }

    public void become(QueueState now) {
        state = now;
    }

    public QueueName name() {
        return new QueueName(name);
    }

    public QueueState state() {
        return state;
    }

    public Instant createdAt() {
        return createdAt;
    }
}
