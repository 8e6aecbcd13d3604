package io.shusuan.agent.protocol.access;

/** The header, and its value, without which a group of calls is refused. */
public record Restriction(String header, String value) {
    @Override
    public String toString() {
        return "Restriction[" + header + "]";
    }
}
