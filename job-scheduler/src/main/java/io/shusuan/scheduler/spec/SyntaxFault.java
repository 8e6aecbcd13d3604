package io.shusuan.scheduler.spec;

import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** Says in the words of somebody who writes YAML what the parser says in the words of its grammar. */
final class SyntaxFault {

    static final String NO_TAG = "the value without a tag";

    private static final String YAML = "YAML";

    private SyntaxFault() {}

    static Fault of(RuntimeException unreadable, Position here, SourceText text) {
        if (!(unreadable instanceof MarkedYamlEngineException marked)) {
            return new Explanation("the text cannot be read as YAML from here on", YAML).at(here, text);
        }
        var at = position(marked.getProblemMark()).orElse(here);
        var began = position(marked.getContextMark()).orElse(at);
        var tab = tabIndenting(text.line(at.line()));
        if (tab > 0) {
            var message = "this line is indented with a tab: indent with spaces only";
            return fault(FaultCode.TAB_INDENTATION, new Position(at.line(), tab), message, "a tab", "spaces");
        }
        return explained(marked.getProblem(), at, began, text);
    }

    private static Fault explained(String problem, Position at, Position began, SourceText text) {
        if (problem.contains("undefined tag handle")) {
            return fault(FaultCode.TAG, at, "tags are not read: remove it", text.from(at), NO_TAG);
        }
        if (problem.contains("end of stream") || problem.contains("document separator")) {
            return new Explanation("the quote that opens here is never closed", "a quote at the end too")
                    .at(began, text);
        }
        if (problem.contains("expected ':'")) {
            return new Explanation("a key must be followed by ': ' and its value", "a key, ': ' and its value")
                    .at(began, text);
        }
        return explained(problem, began).at(at, text);
    }

    private static Explanation explained(String problem, Position began) {
        if (problem.contains("mapping values are not allowed")) {
            return new Explanation(
                    "a ':' cannot stand here: put a value that holds ': ' in quotes, or mend the indentation",
                    "a value without ': ', or in quotes");
        }
        if (problem.contains("sequence entries are not allowed")) {
            return new Explanation(
                    "a list cannot begin here: begin it on a line of its own", "a list on lines of its own");
        }
        if (problem.contains("<block end>")) {
            return new Explanation(
                    "this does not fit the lines above: check its indentation and the quotes around it",
                    "an entry indented as those above");
        }
        if (problem.contains("expected ',' or")) {
            return new Explanation(
                    "a ',' or a closing bracket is missing before this; the bracket was opened at line %d, column %d"
                            .formatted(began.line(), began.column()),
                    "',' or a closing bracket");
        }
        if (problem.contains("cannot start any token")) {
            return new Explanation(
                    "a value cannot begin with this character: put the value in quotes", "a value in quotes");
        }
        if (problem.contains("escape")) {
            return new Explanation(
                    "unknown escape after '\\': write \\\\ for a backslash, or use single quotes",
                    "an escape of YAML, or single quotes");
        }
        if (problem.contains("<document start>")) {
            return new Explanation("the document ended before this: remove what follows", "one document");
        }
        return new Explanation("the text cannot be read as YAML here: " + Shown.shortened(problem), YAML);
    }

    /** What is wrong where the parser stopped, and what could stand there. */
    private record Explanation(String message, String allowed) {

        Fault at(Position place, SourceText text) {
            return fault(FaultCode.SYNTAX, place, message, text.from(place), allowed);
        }
    }

    private static Fault fault(FaultCode code, Position at, String message, String found, String allowed) {
        return new Fault(code, message, at.line(), at.column(), "", Shown.shortened(found), allowed, null);
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
