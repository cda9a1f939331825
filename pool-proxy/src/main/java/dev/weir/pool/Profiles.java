package dev.weir.pool;

import dev.weir.server.ServerParameters;
import dev.weir.server.SessionState;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What servers report to a session with given settings, remembered so that a login need not ask,
 * and one object for equal values, so that comparing is cheap. Any thread may use it; it is on the
 * path of logins and changes only.
 */
public final class Profiles {
    /**
     * Kinds of clients per pool; more than this come from settings that differ from client to
     * client, which gain nothing here.
     */
    private static final int MAX = 512;

    private final Map<SessionState, SessionState> settings = lru();
    private final Map<ServerParameters, ServerParameters> parameters = lru();
    private final Map<SessionState, Welcome> welcomes = lru();

    Profiles() {}

    /** One object for all sessions that want the same settings. */
    public synchronized SessionState shared(SessionState wanted) {
        SessionState known = settings.putIfAbsent(wanted, wanted);
        return known == null ? wanted : known;
    }

    /** One object for all server connections that report the same values. */
    public synchronized ServerParameters shared(ServerParameters reported) {
        ServerParameters known = parameters.putIfAbsent(reported, reported);
        return known == null ? reported : known;
    }

    /**
     * What a server makes of the settings in a startup packet; null if no session has found out
     * yet.
     */
    public synchronized @Nullable Welcome welcome(SessionState asked) {
        return welcomes.get(asked);
    }

    /** A session found out what a server makes of {@code asked}. */
    public synchronized void learn(SessionState asked, Welcome welcome) {
        welcomes.put(asked, welcome);
    }

    /** Another server, perhaps of another version, may answer now. */
    synchronized void forget() {
        welcomes.clear();
    }

    private static <K, V> Map<K, V> lru() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > MAX;
            }
        };
    }
}
