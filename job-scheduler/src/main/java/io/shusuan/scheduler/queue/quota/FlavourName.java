package io.shusuan.scheduler.queue.quota;

/** The name of a flavour of nodes, such as a GPU model, a MIG profile or spot machines. */
public record FlavourName(String value) {

    /** What a node is of that no other flavour names; where there are no others, nobody needs to hear of it. */
    public static final FlavourName DEFAULT = new FlavourName("default");

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
