package io.shusuan.scheduler.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a role's ports, each a number or a name with a number. */
final class PortReader {

    /** Where the Service of a role offers its first port. */
    private static final int SERVICE_PORT = 80;

    private final Taken<String> names = new Taken<>();
    private final Taken<Integer> numbers = new Taken<>();
    private int read;

    private PortReader() {}

    static Reading<List<TaskPort>> ports() {
        return field -> Reading.listOf(new PortReader()::port, Limits.PORTS_PER_ROLE)
                .of(field)
                .map(ArrayList::new);
    }

    /** A port that is wrong still counts as one, with 0 for what could not be read. */
    private Optional<TaskPort> port(Field field) {
        var unnamed = "port-" + read++;
        if (!(field.node() instanceof Node.Mapping)) {
            names.add(field, unnamed);
            return Optional.of(new TaskPort(unnamed, number(Optional.of(field))));
        }
        return field.read(Section.of(Shape.TASK_PORT)).map(section -> {
            var name = section.require(Key.NAME, Names.portName());
            name.ifPresent(given -> section.field(Key.NAME).ifPresent(at -> names.add(at, given)));
            return new TaskPort(name.orElse(unnamed), number(section.requireField(Key.PORT)));
        });
    }

    private int number(Optional<Field> field) {
        var number = field.flatMap(at -> at.read(Numbers.whole(1, Limits.PORT)));
        field.ifPresent(at -> number.ifPresent(value -> {
            numbers.add(at, value);
            if (read > 1 && value == SERVICE_PORT) {
                at.clash(
                        FaultCode.CONFLICT,
                        "is 80, by which the first port of its role is reached: put it first, or give it another number",
                        "80",
                        "80 for the first port only");
            }
        }));
        return number.orElse(0);
    }
}
