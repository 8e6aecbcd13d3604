package io.shusuan.scheduler.spec;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A name in a valid text that leads nowhere: only the platform, which knows its queues and jobs, can find that out, and it
 * points at the same place in the text as the reader would.
 */
public final class UnknownReference {

    private static final Pattern STEP = Pattern.compile("([A-Za-z]+)|\\[(\\d+)]");

    private UnknownReference() {}

    /** @param path of the value, e.g. {@code mounts[0].artifacts} */
    public static Fault at(byte[] text, String path, String message, String found, Collection<String> known) {
        var place = place(text, path);
        return new Fault(
                FaultCode.UNKNOWN_REFERENCE,
                message,
                place.line(),
                place.column(),
                path,
                found,
                known.isEmpty() ? null : String.join(", ", known),
                Typo.nearest(found, known).orElse(null));
    }

    /** The queue that a text names, be it right or wrong elsewhere. */
    public static Optional<String> queue(byte[] text) {
        return value(document(text), Key.QUEUE.text()).flatMap(UnknownReference::name);
    }

    /** The jobs whose artifacts a text mounts, by the paths of their names. */
    public static Map<String, String> artifacts(byte[] text) {
        var found = new LinkedHashMap<String, String>();
        if (value(document(text), Key.MOUNTS.text()).orElse(null) instanceof Node.Sequence mounts) {
            var most = Math.min(mounts.items().size(), Limits.MOUNTS);
            for (var i = 0; i < most; i++) {
                var path = "mounts[%d].artifacts".formatted(i);
                value(mounts.items().get(i), Key.ARTIFACTS.text())
                        .flatMap(UnknownReference::name)
                        .ifPresent(name -> found.put(path, name));
            }
        }
        return found;
    }

    private static Optional<String> name(Node node) {
        return node instanceof Node.Scalar scalar ? Optional.of(scalar.text()) : Optional.empty();
    }

    private static Node document(byte[] text) {
        var faults = new Faults();
        return NodeComposer.compose(SourceText.decode(text, faults), faults);
    }

    private static Position place(byte[] text, String path) {
        Optional<Node> node = Optional.of(document(text));
        var steps = STEP.matcher(path);
        while (steps.find()) {
            var key = steps.group(1);
            var index = steps.group(2);
            node = node.flatMap(parent -> key == null ? item(parent, Integer.parseInt(index)) : value(parent, key));
        }
        return node.map(Node::at).orElse(Position.START);
    }

    private static Optional<Node> value(Node parent, String key) {
        return parent instanceof Node.Mapping mapping ? mapping.entry(key).map(Node.Entry::value) : Optional.empty();
    }

    private static Optional<Node> item(Node parent, int index) {
        return parent instanceof Node.Sequence sequence
                        && index < sequence.items().size()
                ? Optional.of(sequence.items().get(index))
                : Optional.empty();
    }
}
