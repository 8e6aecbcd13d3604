package io.shusuan.scheduler.spec;

import static java.util.stream.Collectors.joining;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Says of a text what the reader should say of it. */
final class SpecAssert extends AbstractAssert<SpecAssert, byte[]> {

    private final @Nullable ParsedSpec parsed;
    private final List<Fault> faults;

    private SpecAssert(byte[] text, @Nullable ParsedSpec parsed, List<Fault> faults) {
        super(text, SpecAssert.class);
        this.parsed = parsed;
        this.faults = faults;
    }

    static SpecAssert assertThatSpec(String text) {
        return assertThatSpec(text.getBytes(StandardCharsets.UTF_8));
    }

    static SpecAssert assertThatSpec(byte[] text) {
        try {
            return new SpecAssert(text, new SpecReader().read(text), List.of());
        } catch (SpecException refused) {
            return new SpecAssert(text, null, refused.faults());
        }
    }

    /** The job without its taskRoles is a line of its own, so that a test can show the one line it is about. */
    static SpecAssert assertThatJobWith(String lines) {
        return assertThatSpec(lines.stripTrailing() + "\n" + """
                jobName: digits
                taskRoles:
                - {name: worker, command: run, ports: [5000]}
                """);
    }

    /** The text has one role, whose name and command are given before these lines. */
    static SpecAssert assertThatRoleWith(String lines) {
        return assertThatSpec("""
                jobName: digits
                taskRoles:
                - name: worker
                  command: run
                """ + lines.stripTrailing().indent(2));
    }

    ParsedSpec isAccepted() {
        if (parsed == null) {
            throw failure("%nExpected the text to be accepted, but it has:%n%s", shown());
        }
        return parsed;
    }

    FaultAssert hasFaultAt(int line, int column) {
        return faults.stream()
                .filter(fault -> fault.line() == line && fault.column() == column)
                .findFirst()
                .map(fault -> new FaultAssert(this, fault))
                .orElseThrow(() -> failure("%nExpected a fault at %d:%d, but there are:%n%s", line, column, shown()));
    }

    /** The first of this code. */
    FaultAssert hasFaultOf(FaultCode code) {
        return faults.stream()
                .filter(fault -> fault.code() == code)
                .findFirst()
                .map(fault -> new FaultAssert(this, fault))
                .orElseThrow(() -> failure("%nExpected a fault %s, but there are:%n%s", code, shown()));
    }

    FaultAssert hasOneFaultAt(int line, int column) {
        var fault = hasFaultAt(line, column);
        if (faults.size() > 1) {
            throw failure("%nExpected one fault, but there are:%n%s", shown());
        }
        return fault;
    }

    FaultAssert hasOneFault() {
        if (faults.size() != 1) {
            throw failure("%nExpected one fault, but there are:%n%s", shown());
        }
        return new FaultAssert(this, faults.getFirst());
    }

    /** The codes of all faults, in the order of the text. */
    SpecAssert hasFaults(FaultCode... codes) {
        var found = faults.stream().map(Fault::code).toList();
        if (!found.equals(List.of(codes))) {
            throw failure("%nExpected the faults %s, but there are:%n%s", List.of(codes), shown());
        }
        return this;
    }

    private String shown() {
        return faults.isEmpty()
                ? "none"
                : faults.stream().map(SpecAssert::shown).collect(joining("\n"));
    }

    private static String shown(Fault fault) {
        return "  %d:%d %s %s (at '%s', found %s, allowed %s, suggesting %s)"
                .formatted(
                        fault.line(),
                        fault.column(),
                        fault.code(),
                        fault.message(),
                        fault.path(),
                        fault.found(),
                        fault.allowed(),
                        fault.suggestion());
    }

    /** One fault of the text. */
    record FaultAssert(SpecAssert spec, Fault fault) {

        FaultAssert withCode(FaultCode code) {
            return expect(fault.code() == code, "code", code);
        }

        FaultAssert atPath(String path) {
            return expect(fault.path().equals(path), "path", path);
        }

        FaultAssert saying(String part) {
            return expect(fault.message().contains(part), "message with", part);
        }

        FaultAssert finding(String found) {
            return expect(fault.found().equals(found), "found", found);
        }

        FaultAssert allowing(String part) {
            return expect(fault.allowed().contains(part), "allowed with", part);
        }

        FaultAssert suggesting(String suggestion) {
            return expect(suggestion.equals(fault.suggestion()), "suggestion", suggestion);
        }

        FaultAssert suggestingNothing() {
            return expect(fault.suggestion() == null, "suggestion", "nothing");
        }

        SpecAssert and() {
            return spec;
        }

        private FaultAssert expect(boolean holds, String what, Object expected) {
            if (!holds) {
                throw spec.failure("%nExpected a fault with %s <%s>, but it is:%n%s", what, expected, shown(fault));
            }
            return this;
        }
    }
}
