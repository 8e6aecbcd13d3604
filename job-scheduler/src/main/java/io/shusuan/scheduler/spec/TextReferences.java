package io.shusuan.scheduler.spec;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The names in a text that lead elsewhere, be the text right or wrong otherwise. Whether they lead anywhere only the platform
 * finds out, which knows its queues and jobs; what does not is told at the place in the text where the reader would.
 */
public final class TextReferences {

    private static final Pattern STEP = Pattern.compile("([A-Za-z]+)|\\[(\\d+)]");

    private final Node document;

    private TextReferences(Node document) {
        this.document = document;
    }

    public static TextReferences in(byte[] text) {
        var faults = new Faults();
        return new TextReferences(NodeComposer.compose(SourceText.decode(text, faults), faults));
    }

    /** The queue that the text names. */
    public Optional<String> queue() {
        return value(document, Key.QUEUE.text()).flatMap(TextReferences::name);
    }

    /** The priority class that the text names. */
    public Optional<String> priorityClass() {
        return value(document, Key.PRIORITY_CLASS.text()).flatMap(TextReferences::name);
    }

    /** The jobs whose artifacts it mounts, by the paths of their names. */
    public Map<String, String> artifacts() {
        var found = new LinkedHashMap<String, String>();
        if (value(document, Key.MOUNTS.text()).orElse(null) instanceof Node.Sequence mounts) {
            var most = Math.min(mounts.items().size(), Limits.MOUNTS);
            for (var i = 0; i < most; i++) {
                var path = "mounts[%d].artifacts".formatted(i);
                value(mounts.items().get(i), Key.ARTIFACTS.text())
                        .flatMap(TextReferences::name)
                        .ifPresent(name -> found.put(path, name));
            }
        }
        return found;
    }

    /**
     * @param path of the name, e.g. {@code mounts[0].artifacts}
     * @param known the names that would lead somewhere, where one of them may have been meant
     */
    public Fault unknown(String path, String message, String found, String allowed, Collection<String> known) {
        return fault(
                FaultCode.UNKNOWN_REFERENCE,
                path,
                message,
                found,
                allowed,
                Typo.nearest(found, known).orElse(null));
    }

    /** What does not go together with that to which a name leads. */
    public Fault conflict(String path, String message, String found, String allowed) {
        return fault(FaultCode.CONFLICT, path, message, found, allowed, null);
    }

    /** A priority that the queue does not take, told where the text asks for it: by a class, by a number, or by naming the queue. */
    public Fault priorityNotTaken(String message, String found, String allowed) {
        var path = Stream.of(Key.PRIORITY_CLASS, Key.PRIORITY, Key.QUEUE)
                .map(Key::text)
                .filter(key -> value(document, key).isPresent())
                .findFirst()
                .orElse(Key.PRIORITY.text());
        return fault(FaultCode.OUT_OF_RANGE, path, message, found, allowed, null);
    }

    private Fault fault(
            FaultCode code, String path, String message, String found, String allowed, @Nullable String suggestion) {
        var place = place(path);
        return new Fault(code, message, place.line(), place.column(), path, found, allowed, suggestion);
    }

    private static Optional<String> name(Node node) {
        return node instanceof Node.Scalar scalar && scalar.type() == Node.ScalarType.TEXT
                ? Optional.of(scalar.text())
                : Optional.empty();
    }

    private Position place(String path) {
        var node = Optional.of(document);
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
