package dev.weir.deploy.acceptance.script;

import dev.weir.deploy.acceptance.wire.WireClient;

import java.io.IOException;

/** A way from the client to PostgreSQL. */
public interface Way {
    /** Opens a session on this way, logged in. */
    WireClient open() throws IOException;

    /**
     * Sees to it that the next transaction meets another server connection, if there are several.
     */
    default void nextServer() throws IOException {}
}
