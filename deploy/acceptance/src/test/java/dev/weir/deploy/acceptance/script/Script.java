package dev.weir.deploy.acceptance.script;

import java.util.List;

/**
 * What one client does, as a sentence and as steps.
 *
 * @param name the behaviour that is shown
 * @param given SQL that the superuser runs beforehand
 * @param steps what happens, in order
 * @param oneServer true if the behaviour is bound to one server connection
 */
public record Script(String name, List<String> given, List<Step> steps, boolean oneServer) {
    /** One line of a script. */
    public sealed interface Step {}

    /**
     * The client sends a message, or the same kind of message many times.
     *
     * @param line as it stands in the script
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Send(String line, byte[] message) implements Step {}

    /**
     * The client reads up to a message of each of these types in turn.
     *
     * @param types the first bytes of messages, or {@code end} for the end of the connection
     */
    public record Read(String types) implements Step {}

    /** The next transaction is to meet another server connection where there are several. */
    public record NextServer() implements Step {}

    /** Bytes that the client sends at most; for a choice of how slowly it may send them. */
    public int bytes() {
        return steps.stream()
                .mapToInt(step -> step instanceof Send send ? send.message().length : 0)
                .sum();
    }

    /** Whether transactions of this script are to be spread over server connections. */
    public boolean hasSeveralTransactions() {
        return steps.stream().anyMatch(NextServer.class::isInstance);
    }

    @Override
    public String toString() {
        return name;
    }
}
