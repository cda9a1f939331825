package dev.weir.session.reply;

/**
 * What is expected of a server connection next, one constant for each kind of message that has been
 * sent to it (manual sections 54.2.2 and 54.2.3). The entries of a {@link ReplyQueue}.
 */
public enum Reply {
    /** Query or FunctionCall of the client's: ends with ReadyForQuery. */
    QUERY(true, true),
    /** Sync of the client's: ReadyForQuery. */
    SYNC(true, true),
    /** A Query of Weir's own; nothing of its reply reaches the client. */
    OWN_QUERY(true, false),
    /** A Query of Weir's own about the session's state, whose rows are read. */
    OWN_CAPTURE(true, false),
    /** A Sync of Weir's own. */
    OWN_SYNC(true, false),
    /** Parse: ParseComplete. */
    PARSE(false, true),
    /** Parse of a name that the client has in use: it must fail. */
    PARSE_DUPLICATE(false, true),
    /** Parse of the unnamed statement: ParseComplete. */
    PARSE_UNNAMED(false, true),
    /**
     * Parse repeated because this server connection lacks the statement; an error of it is the
     * client's.
     */
    REPLAY(false, false),
    /** The same for the unnamed statement. */
    REPLAY_UNNAMED(false, false),
    /**
     * ParseComplete that Weir makes up, because the server connection has the statement already.
     */
    MADE_PARSE(false, true),
    /** Bind: BindComplete. */
    BIND(false, true),
    /** Describe of a statement: ParameterDescription, then RowDescription or NoData. */
    DESCRIBE_STATEMENT(false, true),
    /** Describe of a portal: RowDescription or NoData. */
    DESCRIBE_PORTAL(false, true),
    /** Execute: CommandComplete, EmptyQueryResponse or PortalSuspended. */
    EXECUTE(false, true),
    /** Close of a portal, or of the unnamed statement: CloseComplete. */
    CLOSE(false, true),
    /** Close of a statement by Weir, to make room or to be rid of it. */
    OWN_CLOSE(false, false),
    /** CloseComplete that Weir makes up: the client's name is gone, the shared statement stays. */
    MADE_CLOSE(false, true),
    /** CopyDone or CopyFail: no reply of its own, a mark up to which Sync belongs to the COPY. */
    COPY_END(false, true),
    /** Sync in the midst of a COPY: no reply, or ReadyForQuery if the COPY had failed before it. */
    COPY_SYNC(false, true),
    /** What tells how many Syncs in the midst of a failed COPY are answered; see {@link CopyIn}. */
    COPY_SETTLEMENT(false, false);

    private final boolean endsWithReady;
    private final boolean forClient;

    Reply(boolean endsWithReady, boolean forClient) {
        this.endsWithReady = endsWithReady;
        this.forClient = forClient;
    }

    /** Whether ReadyForQuery is what ends this reply. */
    public boolean endsWithReady() {
        return endsWithReady;
    }

    /** Whether the client hears this reply. */
    public boolean forClient() {
        return forClient;
    }
}
