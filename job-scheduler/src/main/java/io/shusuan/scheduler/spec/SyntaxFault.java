package io.shusuan.scheduler.spec;

import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** Says in the words of somebody who writes YAML what the parser says in the words of its grammar. */
final class SyntaxFault {

    private SyntaxFault() {}

    static Fault of(RuntimeException unreadable, Position here, SourceText text) {
        if (!(unreadable instanceof MarkedYamlEngineException marked)) {
            return fault(FaultCode.SYNTAX, here, "the text cannot be read as YAML from here on");
        }
        var at = position(marked.getProblemMark()).orElse(here);
        var began = position(marked.getContextMark()).orElse(at);
        var tab = tabIndenting(text.line(at.line()));
        if (tab > 0) {
            return fault(
                    FaultCode.TAB_INDENTATION,
                    new Position(at.line(), tab),
                    "this line is indented with a tab: indent with spaces only");
        }
        return explained(marked.getProblem(), at, began);
    }

    private static Fault explained(String problem, Position at, Position began) {
        if (problem.contains("undefined tag handle")) {
            return fault(FaultCode.TAG, at, "tags are not read: remove it");
        }
        if (problem.contains("end of stream") || problem.contains("document separator")) {
            return syntax(began, "the quote that opens here is never closed");
        }
        if (problem.contains("expected ':'")) {
            return syntax(began, "a key must be followed by ': ' and its value");
        }
        if (problem.contains("mapping values are not allowed")) {
            return syntax(
                    at, "a ':' cannot stand here: put a value that holds ': ' in quotes, or mend the indentation");
        }
        if (problem.contains("sequence entries are not allowed")) {
            return syntax(at, "a list cannot begin here: begin it on a line of its own");
        }
        if (problem.contains("<block end>")) {
            return syntax(at, "this does not fit the lines above: check its indentation and the quotes around it");
        }
        if (problem.contains("expected ',' or")) {
            return syntax(
                    at,
                    "a ',' or a closing bracket is missing before this; the bracket was opened at line %d, column %d"
                            .formatted(began.line(), began.column()));
        }
        if (problem.contains("cannot start any token")) {
            return syntax(at, "a value cannot begin with this character: put the value in quotes");
        }
        if (problem.contains("escape")) {
            return syntax(at, "unknown escape after '\\': write \\\\ for a backslash, or use single quotes");
        }
        if (problem.contains("<document start>")) {
            return syntax(at, "the document ended before this: remove what follows");
        }
        return syntax(at, "the text cannot be read as YAML here: " + Shown.shortened(problem));
    }

    private static Fault syntax(Position at, String message) {
        return fault(FaultCode.SYNTAX, at, message);
    }

    private static Fault fault(FaultCode code, Position at, String message) {
        return new Fault(code, message, at.line(), at.column(), "", null, null, null);
    }

    private static Optional<Position> position(Optional<Mark> mark) {
        return mark.map(found -> new Position(found.getLine() + 1, found.getColumn() + 1));
    }

    /** The column of the first tab in the line's indentation, or 0. */
    private static int tabIndenting(String line) {
        var indentation = line.length() - line.stripLeading().length();
        return line.substring(0, indentation).indexOf('\t') + 1;
    }
}
