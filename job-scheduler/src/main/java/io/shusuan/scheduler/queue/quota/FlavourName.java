package io.shusuan.scheduler.queue.quota;

/** The name of a flavour of nodes, such as a GPU model, a MIG profile or spot machines. */
public record FlavourName(String value) {

    public FlavourName {
        if (value.isBlank()) {
            throw new IllegalArgumentException("a flavour needs a name");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
