package dev.weir.session;

import dev.weir.auth.AuthStep;
import dev.weir.auth.FailedLogins;
import dev.weir.net.ClientAddress;
import dev.weir.wire.SqlState;

import io.netty.channel.Channel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;

/** Counts failed logins and tells the operator of them. */
final class LoginFailures {
    private static final Logger LOG = LoggerFactory.getLogger(LoginFailures.class);

    private LoginFailures() {}

    /** Notes one; returns for how long the client is not to be told of it. */
    static Duration note(
            FailedLogins counted, Channel channel, StartupRequest asked, AuthStep.Refused refused) {
        if (refused.state() == SqlState.CANNOT_CONNECT_NOW) {
            // Not the client's fault.
            LOG.warn(
                    "login of user \"{}\" to database \"{}\" from {}: {}",
                    asked.user(),
                    asked.database(),
                    ClientAddress.text(channel),
                    refused.reason());
            return Duration.ZERO;
        }
        FailedLogins.Failure failure = counted.count(ClientAddress.of(channel));
        if (failure.worthTelling()) {
            LOG.info(
                    "login of user \"{}\" to database \"{}\" from {} failed ({} in a row): {}",
                    asked.user(),
                    asked.database(),
                    ClientAddress.text(channel),
                    failure.inARow(),
                    refused.reason());
        }
        return failure.delay();
    }
}
