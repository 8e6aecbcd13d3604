import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;

/** Where CUDA's runtime comes from: the folder that was prepared, by the system's loader. In a rehearsal another class of this name stands in its place. */
final class CudaLibrary {
    private static final String NAME = "libcudart.so.13";

    private CudaLibrary() {}

    static SymbolLookup open() throws IOException {
        try {
            return SymbolLookup.libraryLookup(NAME, Arena.global());
        } catch (IllegalArgumentException missing) {
            throw new IOException(NAME + " cannot be loaded: " + missing.getMessage(), missing);
        }
    }
}
