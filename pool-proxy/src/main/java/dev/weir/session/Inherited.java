package dev.weir.session;

import dev.weir.classify.TransactionModes;
import dev.weir.server.ServerParameters;
import dev.weir.server.SessionState;

import org.jspecify.annotations.Nullable;

import java.util.Set;

/**
 * What the statements of a session have from its settings, found out anew only when these may have
 * changed. Confined to the client's loop.
 */
final class Inherited {
    /** In these a byte of a character may look like ASCII (manual table 23.3): nothing is read. */
    private static final Set<String> UNREADABLE =
            Set.of("SJIS", "SHIFT_JIS_2004", "BIG5", "GBK", "UHC", "GB18030", "JOHAB");

    private @Nullable ServerParameters reported;
    private @Nullable SessionState wanted;
    private boolean readable;
    private TransactionModes modes = TransactionModes.UNSAID;

    /**
     * Looks whether anything has changed; both are immutable, so that the identity tells.
     *
     * @param reportedNow what the client has been told by ParameterStatus; null for nothing yet
     * @param wantedNow what it has set
     */
    void look(@Nullable ServerParameters reportedNow, SessionState wantedNow) {
        if (reportedNow == reported && wantedNow == wanted) {
            return;
        }
        reported = reportedNow;
        wanted = wantedNow;
        readable =
                reportedNow != null
                        && reportedNow.plainBackslash()
                        && !UNREADABLE.contains(
                                reportedNow.values().getOrDefault("client_encoding", ""));
        modes =
                new TransactionModes(
                        setting("default_transaction_read_only").equals("on"),
                        setting("default_transaction_isolation").equals("serializable"),
                        setting("default_transaction_deferrable").equals("on"));
    }

    private String setting(String name) {
        String value = reported == null ? null : reported.values().get(name);
        return value != null || wanted == null
                ? value == null ? "" : value
                : wanted.settings().getOrDefault(name, "");
    }

    /** Whether a text of the session can be read byte by byte. */
    boolean readable() {
        return readable;
    }

    /** What a transaction is that begins without words. */
    TransactionModes modes() {
        return modes;
    }
}
