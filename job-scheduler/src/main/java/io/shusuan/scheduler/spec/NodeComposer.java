package io.shusuan.scheduler.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.Parser;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Composes the parser's events into a tree of {@link Node}s. The parser itself keeps no tree and does not recurse, so a text is
 * bounded here and only here: in depth, in number of nodes, and by refusing aliases.
 */
final class NodeComposer {

    static final int MAX_DEPTH = 20;
    static final int MAX_NODES = 50_000;

    private final SourceText text;
    private final Faults faults;
    private final StreamReader reader;
    private final Parser events;
    private int nodes;

    private NodeComposer(SourceText text, Faults faults) {
        var settings = LoadSettings.builder()
                .setBufferSize(text.characters().length() + 1) // else a long token is copied once per buffer
                .build();
        this.text = text;
        this.faults = faults;
        this.reader = new StreamReader(settings, text.characters());
        this.events = new ParserImpl(settings, reader);
    }

    /** The one document of the text. Throws what makes the rest unreadable, and notes what does not. */
    static Node compose(SourceText text, Faults faults) {
        return new NodeComposer(text, faults).document();
    }

    private Node document() {
        next(); // the stream's start
        var start = next();
        if (start.getEventId() == Event.ID.StreamEnd) {
            throw empty(Position.START, "the text is empty: it must hold a job");
        }
        var root = node(next(), Path.ROOT, 1);
        if (root instanceof Node.Scalar(var at, var content, var plain) && plain && content.isEmpty()) {
            throw empty(at, "the document is empty: it must hold a job");
        }
        next(); // the document's end
        var after = next();
        if (after.getEventId() == Event.ID.DocumentStart) {
            faults.add(
                    FaultCode.MULTIPLE_DOCUMENTS,
                    start(after),
                    Path.ROOT,
                    "a second document begins here: submit each job by itself",
                    "a second document",
                    "one document");
        }
        return root;
    }

    private Node node(Event event, Path path, int depth) {
        var at = start(event);
        if (++nodes > MAX_NODES) {
            throw stop(
                    FaultCode.TOO_MANY_NODES,
                    at,
                    path,
                    "the text has more than %d keys and values: nothing is read from here on".formatted(MAX_NODES),
                    "one more",
                    "at most %d keys and values".formatted(MAX_NODES));
        }
        if (depth > MAX_DEPTH) {
            throw stop(
                    FaultCode.TOO_DEEP,
                    at,
                    path,
                    "nested more than %d levels deep".formatted(MAX_DEPTH),
                    "one level more",
                    "at most %d levels".formatted(MAX_DEPTH));
        }
        refuseAnchor(event, at, path);
        return switch (event) {
            case ScalarEvent scalar ->
                refusedTag(scalar.getTag(), at, path)
                        ? new Node.Refused(at)
                        : new Node.Scalar(at, scalar.getValue(), scalar.isPlain());
            case SequenceStartEvent sequence -> {
                refusedTag(sequence.getTag(), at, path);
                yield sequence(at, path, depth);
            }
            case MappingStartEvent mapping -> {
                refusedTag(mapping.getTag(), at, path);
                yield mapping(at, path, depth);
            }
            default -> new Node.Refused(at);
        };
    }

    private Node sequence(Position at, Path path, int depth) {
        var items = new ArrayList<Node>();
        for (var event = next(); event.getEventId() != Event.ID.SequenceEnd; event = next()) {
            items.add(node(event, path.index(items.size()), depth + 1));
        }
        return new Node.Sequence(at, items);
    }

    private Node mapping(Position at, Path path, int depth) {
        var entries = new LinkedHashMap<String, Node.Entry>();
        for (var event = next(); event.getEventId() != Event.ID.MappingEnd; event = next()) {
            var key = key(node(event, path, depth + 1), path);
            var valuePath = path.key(key.orElse("?"));
            var value = node(next(), valuePath, depth + 1);
            if (key.isEmpty()) {
                continue;
            }
            var entry = new Node.Entry(start(event), key.get(), value);
            var first = entries.putIfAbsent(entry.key(), entry);
            if (first != null) {
                faults.add(
                        FaultCode.DUPLICATE_KEY,
                        entry.at(),
                        valuePath,
                        "'%s' is already given at line %d: keep one of the two"
                                .formatted(
                                        Shown.shortened(entry.key()), first.at().line()),
                        entry.key(),
                        "each key once");
            }
        }
        return new Node.Mapping(at, entries);
    }

    private Optional<String> key(Node node, Path path) {
        if (node instanceof Node.Scalar scalar && scalar.type() == Node.ScalarType.TEXT) {
            return Optional.of(scalar.text());
        }
        if (!(node instanceof Node.Refused)) {
            var advice = node instanceof Node.Scalar scalar && !scalar.text().isEmpty() ? ": put it in quotes" : "";
            faults.add(new Fault(
                    FaultCode.WRONG_TYPE,
                    "a key must be text, not %s%s".formatted(Shown.node(node), advice),
                    node.at().line(),
                    node.at().column(),
                    path.toString(),
                    Shown.node(node),
                    "text",
                    null));
        }
        return Optional.empty();
    }

    private void refuseAnchor(Event event, Position at, Path path) {
        if (!(event instanceof NodeEvent node) || node.getAnchor().isEmpty()) {
            return;
        }
        var name = Shown.shortened(node.getAnchor().get().getValue());
        if (event instanceof AliasEvent) {
            faults.add(
                    FaultCode.ANCHOR,
                    at,
                    path,
                    "aliases (*%s) are not read: write the value out".formatted(name),
                    "*" + name,
                    "the value written out");
        } else {
            faults.add(
                    FaultCode.ANCHOR,
                    at,
                    path,
                    "anchors (&%s) are not read: remove it and write the value out where it is used".formatted(name),
                    "&" + name,
                    "the value without an anchor");
        }
    }

    private boolean refusedTag(Optional<String> tag, Position at, Path path) {
        tag.map(NodeComposer::asWritten)
                .ifPresent(written -> faults.add(
                        FaultCode.TAG,
                        at,
                        path,
                        "tags (%s) are not read: remove it".formatted(Shown.shortened(written)),
                        written,
                        SyntaxFault.NO_TAG));
        return tag.isPresent();
    }

    /** The parser has replaced the short form of YAML's own tags. */
    private static String asWritten(String tag) {
        return tag.startsWith(Tag.PREFIX) ? "!!" + tag.substring(Tag.PREFIX.length()) : tag;
    }

    private Event next() {
        try {
            return events.next();
        } catch (RuntimeException unreadable) { // besides its own exceptions the parser lets NumberFormatException out
            var here = new Position(reader.getLine() + 1, reader.getColumn() + 1);
            faults.add(SyntaxFault.of(unreadable, here, text));
            throw faults.stop();
        }
    }

    private SpecException empty(Position at, String message) {
        return stop(FaultCode.EMPTY, at, Path.ROOT, message, "nothing", Shape.JOB.inWords());
    }

    private SpecException stop(FaultCode code, Position at, Path path, String message, String found, String allowed) {
        faults.add(code, at, path, message, found, allowed);
        return faults.stop();
    }

    private static Position start(Event event) {
        return event.getStartMark()
                .map(mark -> new Position(mark.getLine() + 1, mark.getColumn() + 1))
                .orElse(Position.START);
    }
}
