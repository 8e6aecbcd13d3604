package io.shusuan.scheduler.spec;

/**
 * Reads what people submit, YAML or JSON, which is YAML too. Stateless and safe for any number of threads; time and memory are
 * bounded by limits on bytes, depth and number of nodes.
 */
public final class SpecReader {

    /** More bytes than this are refused. */
    public static final int MAX_BYTES = SourceText.MAX_BYTES;

    /** Throws {@link SpecException} with all faults of the text. */
    public ParsedSpec read(byte[] text) {
        var faults = new Faults();
        var document = NodeComposer.compose(SourceText.decode(text, faults), faults);
        var parsed = Field.root(document, faults).read(JobReader.job());
        faults.throwIfAny();
        return parsed.orElseThrow(
                () -> new IllegalStateException("a job could not be read and nothing was found wrong"));
    }
}
