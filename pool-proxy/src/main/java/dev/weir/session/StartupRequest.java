package dev.weir.session;

import dev.weir.auth.Applicant;
import dev.weir.config.WeirConfig;
import dev.weir.net.ClientAddress;
import dev.weir.net.TlsSession;
import dev.weir.server.SessionState;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;
import dev.weir.wire.StartupPacket;

import io.netty.channel.Channel;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/**
 * What a client asks for in its startup packet.
 *
 * @param protocol the version that will be spoken with it
 * @param user not empty
 * @param database the one named like the user if it names none
 * @param settings those that it begins with
 * @param unknown the extensions of the protocol that it wants and that nobody here knows
 * @param negotiable whether it has to be told that it does not get all that it wants
 */
record StartupRequest(
        int protocol,
        String user,
        String database,
        SessionState settings,
        List<String> unknown,
        boolean negotiable) {
    static StartupRequest of(StartupPacket.Startup startup) throws ProtocolException {
        Map<String, String> parameters = startup.parameters();
        String user = parameters.getOrDefault("user", "");
        if (user.isEmpty()) {
            throw new ProtocolException(
                    SqlState.INVALID_AUTHORIZATION_SPECIFICATION,
                    "no PostgreSQL user name specified in startup packet");
        }
        String wanted = parameters.getOrDefault("database", "");
        List<String> unknown =
                parameters.keySet().stream()
                        .filter(name -> name.startsWith(StartupSettings.EXTENSION_PREFIX))
                        .toList();
        return new StartupRequest(
                startup.spoken(),
                user,
                wanted.isEmpty() ? user : wanted,
                StartupSettings.read(parameters),
                unknown,
                startup.spoken() != startup.version() || !unknown.isEmpty());
    }

    /** Who is to be let in. */
    Applicant applicant(WeirConfig config, Channel channel, @Nullable TlsSession tls) {
        return new Applicant(
                user,
                database,
                config.database(database),
                ClientAddress.of(channel),
                tls != null,
                tls == null ? null : tls.commonName(),
                tls == null ? null : tls.endPoint());
    }
}
