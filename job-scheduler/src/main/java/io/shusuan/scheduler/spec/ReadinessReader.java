package io.shusuan.scheduler.spec;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads how the tasks of a role say that they can answer. */
final class ReadinessReader {

    /** More than that nobody reads in one sentence. */
    private static final int SHOWN_PORTS = 8;

    private ReadinessReader() {}

    /** @param ports of the role; the number of one that could not be read is 0 */
    static Reading<Readiness> readiness(List<TaskPort> ports) {
        return field -> field.read(Section.of(Shape.READINESS_CHECK)).flatMap(check -> readiness(check, ports));
    }

    private static Optional<Readiness> readiness(Section check, List<TaskPort> ports) {
        var path = check.require(Key.PATH, Names.requestPath());
        if (ports.isEmpty()) {
            check.field()
                    .clash(
                            FaultCode.CONFLICT,
                            "is asked at a port, and the role has none: give it 'ports'",
                            "no ports",
                            "a task role with ports");
            return Optional.empty();
        }
        var port = check.has(Key.PORT) ? check.read(Key.PORT, oneOf(ports)) : Optional.of(ports.getFirst());
        return path.flatMap(asked -> port.map(at -> new Readiness(asked, at)));
    }

    /** By its name or by its number. */
    private static Reading<TaskPort> oneOf(List<TaskPort> ports) {
        return field -> {
            if (!(field.node() instanceof Node.Scalar scalar)) {
                return field.mustBe(FaultCode.WRONG_TYPE, inWords(ports), null);
            }
            if (scalar.type() == Node.ScalarType.NULL) {
                return field.mustBe(FaultCode.WRONG_TYPE, inWords(ports), "give it a value or remove the key");
            }
            var found = ports.stream()
                    .filter(port -> port.name().equals(scalar.text())
                            || (scalar.type() == Node.ScalarType.NUMBER
                                    && number(port).equals(scalar.text())))
                    .findFirst();
            if (found.isPresent() || ports.stream().anyMatch(port -> port.number() == 0)) {
                return found; // which ports there are is not known where one of them could not be read
            }
            return field.mustBe(FaultCode.UNKNOWN_REFERENCE, inWords(ports), null, meant(scalar.text(), ports));
        };
    }

    private static String inWords(List<TaskPort> ports) {
        var shown = ports.stream()
                .filter(port -> port.number() != 0)
                .limit(SHOWN_PORTS)
                .map(port -> "%s (%d)".formatted(port.name(), port.number()))
                .collect(Collectors.joining(", "));
        return "a port of the role, one of " + (ports.size() > SHOWN_PORTS ? shown + " …" : shown);
    }

    private static String number(TaskPort port) {
        return Integer.toString(port.number());
    }

    /** A number in quotes, or a name with a slip of the pen. */
    private static @Nullable String meant(String text, List<TaskPort> ports) {
        var numbers = ports.stream().map(ReadinessReader::number);
        return numbers.filter(text::equals)
                .findFirst()
                .or(() -> Typo.nearest(text, ports.stream().map(TaskPort::name).toList()))
                .orElse(null);
    }
}
