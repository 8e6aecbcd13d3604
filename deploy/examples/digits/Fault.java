import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

/** Something the user can mend: what is wrong, where, and what to do, in one line. */
final class Fault extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Fault(String message) {
        super(message);
    }

    /** What went wrong, in words, where Java's own message would be a bare file name or nothing. */
    static String reason(IOException cause) {
        return switch (cause) {
            case AccessDeniedException denied -> "access to " + denied.getFile() + " is denied";
            case FileAlreadyExistsException present -> present.getFile() + " is in the way";
            case NoSuchFileException absent -> absent.getFile() + " does not exist and cannot be made";
            default -> cause.getMessage() == null ? cause.toString() : cause.getMessage();
        };
    }
}
