package dev.weir.classify;

/** Why a statement stays on the primary, or that it need not. */
public enum Reason {
    /** It reads only: any place that is fresh enough may answer it. */
    READ("it only reads"),
    EMPTY("it is empty"),
    WRITE("it writes"),
    DEFINITION("it changes what exists, or who may use it"),
    ROW_LOCK("it locks rows"),
    CODE("it runs code that may do anything"),
    TRANSACTION("it begins or ends a transaction"),
    ISOLATION("its transaction is serializable or deferrable"),
    SESSION("it is about the session itself"),
    SEVERAL("it is several statements in one message"),
    VOLATILE_FUNCTION("it calls a volatile function"),
    UNKNOWN_FUNCTION("it calls a function that is not known"),
    SERVER("it asks about the server itself"),
    RELATION("it reads what only the primary has"),
    VOLATILE_OPERATOR("it uses an operator with a volatile function"),
    FILE("it reads or writes a file of the server's"),
    UNREADABLE("its words cannot be told for certain"),
    UNKNOWN_STATEMENT("its kind is not known"),
    /** A comment in it, or of its BEGIN, says so. */
    HINT("a comment in it asks for the primary"),
    /** The session's weir.route says so. */
    ROUTE("the session's weir.route is primary"),
    /** It was tried, and a replica has refused it. */
    REFUSED("a replica has refused it"),
    NO_CATALOG("what its names mean is not known yet");

    private final String sentence;

    Reason(String sentence) {
        this.sentence = sentence;
    }

    /** Half a sentence, such as "it locks rows". */
    public String sentence() {
        return sentence;
    }
}
