package io.shusuan.scheduler.spec;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A value at its place in the document, which can say what is wrong with it.
 *
 * @param keyAt where its key stands; for an item of a list, where the item does
 */
record Field(Path path, Position keyAt, Node node, Faults faults) {

    static Field root(Node node, Faults faults) {
        return new Field(Path.ROOT, node.at(), node, faults);
    }

    <T> Optional<T> read(Reading<T> reading) {
        return node instanceof Node.Refused ? Optional.empty() : reading.of(this);
    }

    /** The same with faults shown at the value, where it and not its key is too much. */
    Field atValue() {
        return new Field(path, node.at(), node, faults);
    }

    List<Field> items(List<Node> nodes) {
        return IntStream.range(0, nodes.size())
                .mapToObj(index -> new Field(path.index(index), nodes.get(index).at(), nodes.get(index), faults))
                .toList();
    }

    /** Notes that something else should stand here. Returns nothing, so that a reading can end with it. */
    <T> Optional<T> mustBe(FaultCode code, String allowed, @Nullable String advice) {
        return mustBe(code, allowed, advice, null);
    }

    <T> Optional<T> mustBe(FaultCode code, String allowed, @Nullable String advice, @Nullable String suggestion) {
        var found = Shown.node(node);
        var message = new StringBuilder("%s must be %s, not %s".formatted(path.subject(), allowed, found));
        if (advice != null) {
            message.append(": ").append(advice);
        }
        if (suggestion != null) {
            message.append(advice == null ? ": write " : ", write ").append(suggestion);
        }
        faults.add(new Fault(
                code,
                message.toString(),
                node.at().line(),
                node.at().column(),
                path.toString(),
                found,
                allowed,
                suggestion));
        return Optional.empty();
    }

    /** Notes that it has more of something than may be. What it has can be read nevertheless, and may be wrong by itself. */
    void tooMany(int has, int most, String what) {
        faults.add(
                FaultCode.OUT_OF_RANGE,
                node.at(),
                path,
                "%s has %d %s: at most %d are allowed".formatted(path.subject(), has, what, most),
                "%d %s".formatted(has, what),
                "at most %d %s".formatted(most, what));
    }

    /** Notes that the value is fine by itself, or not the value but its key is at fault, and shows what was found instead. */
    void clash(FaultCode code, String message, String found, String allowed) {
        faults.add(code, keyAt, path, path.subject() + " " + message, found, allowed);
    }
}
