package dev.weir.session;

import dev.weir.auth.ServerCredential;
import dev.weir.config.DatabaseConfig;
import dev.weir.net.ClientAddress;
import dev.weir.server.SessionState;
import dev.weir.session.limit.ClientCounts;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandler;

import org.jspecify.annotations.Nullable;

/**
 * Whether a client that has proved who it is gets what it asks for: a session of a database, whose
 * place is kept for it from then on, or the console. On the client's loop.
 */
final class Entrance {
    private final Sessions sessions;
    private final Channel channel;
    private final StartupRequest asked;
    private final DatabaseConfig database;
    private final @Nullable ServerCredential proved;
    private final @Nullable Routed routed;
    private final SessionState settings;
    private final ClientCounts.Admission admission;

    /**
     * Lets a client into a database.
     *
     * @param proved what it has proved who it is with; null if that is nothing to PostgreSQL
     * @param readOnly whether it came to the port that only reads
     * @throws ProtocolException if it may not
     */
    Entrance(
            Sessions sessions,
            Channel channel,
            StartupRequest asked,
            @Nullable ServerCredential proved,
            boolean readOnly)
            throws ProtocolException {
        this.sessions = sessions;
        this.channel = channel;
        this.asked = asked;
        this.proved = proved;
        this.database = known(sessions, asked.database());
        if (database.routed()) {
            RouteSettings.check(asked.settings().settings());
        }
        this.routed = sessions.routed(database, asked.user(), proved, readOnly);
        this.settings =
                routed != null && routed.readOnly() != null
                        ? asked.settings().with(ReadOnly.SETTING, ReadOnly.ON)
                        : asked.settings();
        this.admission = sessions.admit(database, asked.user());
    }

    private static DatabaseConfig known(Sessions sessions, String name) throws ProtocolException {
        DatabaseConfig known = sessions.config().database(name);
        if (known == null) {
            throw new ProtocolException(
                    SqlState.INVALID_CATALOG_NAME,
                    "database \"%s\" does not exist: it is not among the databases of Weir's configuration"
                            .formatted(name));
        }
        if (sessions.disabled(name)) {
            throw new ProtocolException(
                    SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                    "database \"%s\" takes no new clients: DISABLE was ordered on the console of Weir"
                            .formatted(name));
        }
        return known;
    }

    /** The session; once. It gives the client's places free when it ends. */
    ClientSession session() {
        return new ClientSession(
                sessions.nextId(),
                channel,
                sessions.loopNumber(channel.eventLoop()),
                sessions.shared(),
                sessions.pool(database, asked.user(), proved),
                settings,
                asked.protocol(),
                sessions.transactions(database, asked.user(), ClientAddress.of(channel)),
                routed,
                () -> {
                    admission.leave();
                    sessions.departed();
                });
    }

    /** Lets a client into the console. */
    static ChannelInboundHandler console(OwnDatabase own, Channel channel, String user)
            throws ProtocolException {
        ChannelInboundHandler console = own.open(channel, user);
        if (console == null) {
            throw new ProtocolException(
                    SqlState.INSUFFICIENT_PRIVILEGE,
                    "user \"%s\" may not use the console: it is neither in admin-users nor in stats-users"
                            .formatted(user));
        }
        return console;
    }
}
