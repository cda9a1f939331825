package dev.weir.session.state;

import java.util.Locale;

/** Why a session keeps its server connection although its transaction is over. */
public enum Pin {
    /** Temporary relations, functions or types exist. */
    TEMPORARY_OBJECTS("temporary objects exist"),
    /** Advisory locks are held that outlive the transaction. */
    ADVISORY_LOCKS("session-level advisory locks are held"),
    /** A cursor was declared WITH HOLD. */
    HELD_CURSOR("a cursor WITH HOLD is open"),
    /** The session listens by a way that cannot be moved to the shared listener. */
    LISTEN("the session listens to channels"),
    /** The last values of sequences have been asked for, and live in the server connection. */
    SEQUENCES("currval or lastval is in use"),
    /** set_config was called with a name that is the value of an expression. */
    UNNAMED_SETTING("set_config was called with a computed name"),
    /** A function was called that the configuration names. */
    FUNCTION("a function was called that stateful-functions names"),
    /** A library was loaded, the random generator seeded, or a connection opened by dblink. */
    LASTING("LOAD, setseed or dblink_connect cannot be taken back"),
    /** What the session's state is could not be found out. */
    STATE_UNKNOWN("the state of the session could not be read");

    private final String reason;

    Pin(String reason) {
        this.reason = reason;
    }

    /** In one word, for metrics and the console. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** In words, for those who look. */
    public String reason() {
        return reason;
    }
}
