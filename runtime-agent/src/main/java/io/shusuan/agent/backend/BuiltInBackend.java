package io.shusuan.agent.backend;

import java.util.Optional;

/** An engine that is part of the agent: it is always there, and as old as the agent. */
public abstract class BuiltInBackend implements Backend {
    private final String name;

    protected BuiltInBackend(String name) {
        this.name = name;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final String version() {
        return "1";
    }

    @Override
    public final Optional<String> unavailable() {
        return Optional.empty();
    }
}
