package io.shusuan.agent.repository;

/** A line of the repository index. A model that was never loaded has version 0, which is not shown. */
public record ModelStatus(ModelId id, long version, ModelState state, String reason) {
    public String model() {
        return id.name();
    }
}
