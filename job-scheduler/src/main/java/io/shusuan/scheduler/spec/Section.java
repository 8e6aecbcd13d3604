package io.shusuan.scheduler.spec;

import java.util.Optional;

/** A mapping whose keys are known: reads them by name and notes those that are unknown or missing. */
record Section(Field field, Node.Mapping mapping, Shape shape) {

    static Reading<Section> of(Shape shape) {
        return field -> {
            if (!(field.node() instanceof Node.Mapping mapping)) {
                return field.mustBe(FaultCode.WRONG_TYPE, shape.inWords(), "write 'key: value' lines below it");
            }
            var section = new Section(field, mapping, shape);
            mapping.entries().stream()
                    .filter(entry -> shape.key(entry.key()).isEmpty())
                    .forEach(section::refuseUnknown);
            return Optional.of(section);
        };
    }

    boolean has(Key key) {
        return mapping.entry(key.text()).isPresent();
    }

    Optional<Field> field(Key key) {
        if (!shape.has(key)) {
            throw new IllegalArgumentException(key + " is no key of " + shape.noun());
        }
        return mapping.entry(key.text())
                .map(entry -> new Field(field.path().key(key.text()), entry.at(), entry.value(), field.faults()));
    }

    /** What stands under a key that may be left out. */
    <T> Optional<T> read(Key key, Reading<T> reading) {
        return field(key).flatMap(found -> found.read(reading));
    }

    /** What stands under a key that must be there. */
    <T> Optional<T> require(Key key, Reading<T> reading) {
        if (!has(key)) {
            refuseMissing(key);
        }
        return read(key, reading);
    }

    Optional<Field> requireField(Key key) {
        return require(key, Optional::of);
    }

    private void refuseMissing(Key key) {
        field.faults()
                .add(
                        FaultCode.MISSING,
                        mapping.at(),
                        field.path().key(key.text()),
                        "%s is missing: %s needs it".formatted(field.path().key(key.text()), shape.noun()),
                        "nothing",
                        key.text());
    }

    private void refuseUnknown(Node.Entry entry) {
        var meant = shape.meantBy(entry.key()).filter(key -> mapping.entry(key).isEmpty());
        var home = meant.isPresent() ? Optional.<String>empty() : Shape.homeOf(entry.key());
        var hint = meant.map("; did you mean %s?"::formatted)
                .or(() -> home.map("; it belongs at %s, so check the indentation"::formatted))
                .orElseGet(() -> "; it has " + shape.keysAsText());
        field.faults()
                .add(new Fault(
                        FaultCode.UNKNOWN_FIELD,
                        "'%s' is no key of %s%s".formatted(Shown.shortened(entry.key()), shape.noun(), hint),
                        entry.at().line(),
                        entry.at().column(),
                        field.path().key(entry.key()).toString(),
                        Shown.shortened(entry.key()),
                        shape.keysAsText(),
                        meant.orElse(null)));
    }
}
