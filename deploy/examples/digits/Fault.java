/** Something the user can mend: what is wrong, where, and what to do, in one line. */
final class Fault extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Fault(String message) {
        super(message);
    }
}
