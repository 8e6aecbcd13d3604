package io.shusuan.agent.repository;

import java.util.Comparator;

/**
 * Which model is meant. The namespace is the folder of the model's repository where the server keeps models of one name apart, and empty
 * where a name is unique.
 */
public record ModelId(String namespace, String name) implements Comparable<ModelId> {
    private static final Comparator<ModelId> ORDER =
            Comparator.comparing(ModelId::name).thenComparing(ModelId::namespace);

    static ModelId unique(String name) {
        return new ModelId("", name);
    }

    @Override
    public int compareTo(ModelId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return namespace.isEmpty() ? name : namespace + "::" + name;
    }
}
