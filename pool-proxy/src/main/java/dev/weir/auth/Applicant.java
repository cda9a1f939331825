package dev.weir.auth;

import dev.weir.config.DatabaseConfig;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;

/**
 * Who wants to log in, before anything is proved.
 *
 * @param user as the startup packet says
 * @param database as the startup packet says
 * @param place the configuration of that database; null if there is none
 * @param address where the client is; null behind a Unix-domain socket
 * @param encrypted whether the client's channel is TLS
 * @param certificateName the common name in the client's verified certificate; null if it showed
 *     none
 * @param endPoint the channel binding tls-server-end-point of the client's channel, for reading
 *     only; null if it has none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Applicant(
        String user,
        String database,
        @Nullable DatabaseConfig place,
        @Nullable InetAddress address,
        boolean encrypted,
        @Nullable String certificateName,
        byte @Nullable [] endPoint) {}
