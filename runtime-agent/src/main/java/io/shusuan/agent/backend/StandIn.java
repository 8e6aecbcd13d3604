package io.shusuan.agent.backend;

import org.jspecify.annotations.Nullable;

/**
 * Says that a model answers in the place of another one that is being made, and hands that one over when it is there. Whoever makes it
 * calls {@link #ready} or {@link #ends}; whoever serves the stand-in asks for {@link #whenReady}.
 */
public final class StandIn {
    /** What becomes of the model that is wanted. */
    public enum State {
        BUILDING,
        /** It was made, and does not answer as it should. */
        REJECTED,
        /** It could not be made, or not be loaded. */
        FAILED
    }

    /** The model that is wanted, ready to be opened. */
    public interface Successor {
        /** The caller owns what is returned. */
        BackendModel open() throws LoadException;
    }

    /** Puts a successor in the stand-in's place. */
    public interface Succession {
        void replace(Successor successor) throws LoadException;
    }

    private State state;
    private String reason;
    private @Nullable Successor successor;
    private @Nullable Succession succession;

    public StandIn(State state, String reason) {
        this.state = state;
        this.reason = reason;
    }

    public synchronized State state() {
        return state;
    }

    /** A sentence for whoever asks what is served here. */
    public synchronized String reason() {
        return reason;
    }

    /** Nothing will take this one's place. */
    public synchronized void ends(State how, String why) {
        state = how;
        reason = why;
    }

    /** The model is there: it takes the place now, or as soon as the stand-in serves. */
    public void ready(Successor made) {
        Succession waiting;
        synchronized (this) {
            successor = made;
            // whatever failed before
            state = State.BUILDING;
            waiting = succession;
        }
        if (waiting != null) {
            replace(waiting, made);
        }
    }

    /** Says who puts the successor in place: at once when it is there already. */
    public void whenReady(Succession wanted) {
        Successor made;
        synchronized (this) {
            succession = wanted;
            made = successor;
        }
        if (made != null) {
            replace(wanted, made);
        }
    }

    /** Without the lock: it takes others. */
    private void replace(Succession wanted, Successor made) {
        try {
            wanted.replace(made);
        } catch (LoadException unfit) {
            ends(State.FAILED, "the model it stands in for is there and cannot be loaded: " + unfit.text());
        }
    }
}
