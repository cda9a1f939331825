package dev.weir.session;

import dev.weir.pool.Pool;
import dev.weir.pool.Welcome;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerParameters;
import dev.weir.server.SessionState;
import dev.weir.wire.Backend;
import dev.weir.wire.CancelKey;
import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

import org.jspecify.annotations.Nullable;

/**
 * What one client has been told of the server's parameters: all of them at the end of its login,
 * and afterwards each difference (manual section 54.2.7). Confined to the client's loop.
 */
final class Greeting {
    private static final String IN_HOT_STANDBY = "in_hot_standby";

    private final Channel channel;
    private final Pool pool;
    private final CancelKey cancelKey;

    /** What the startup packet asked for, in the client's words. */
    private final SessionState asked;

    /** Whether the client is to take the server for a standby. */
    private final boolean standby;

    /** Null until the client has been greeted. */
    private @Nullable ServerParameters told;

    Greeting(Channel channel, Pool pool, CancelKey cancelKey, SessionState asked, boolean standby) {
        this.channel = channel;
        this.pool = pool;
        this.cancelKey = cancelKey;
        this.asked = asked;
        this.standby = standby;
    }

    boolean over() {
        return told != null;
    }

    /**
     * Greets at once, if it is known what to say.
     *
     * @return how the server writes what the startup packet asked for; null if it must be found out
     */
    @Nullable SessionState atOnce() {
        Welcome known = pool.profiles().welcome(asked);
        if (known == null) {
            return null;
        }
        say(known.parameters());
        return known.state();
    }

    /** Greets with what {@code lent} reports, now that it is as the startup packet asked. */
    void from(ServerConnection lent) {
        pool.profiles().learn(asked, new Welcome(lent.parameters(), lent.label()));
        say(lent.parameters());
    }

    private void say(ServerParameters parameters) {
        told = parameters;
        ByteBuf out = channel.alloc().directBuffer(512);
        Messages.authentication(out, 0, new byte[0]);
        // Server connections say that they are a primary's, whatever they are: nothing differs
        // later.
        (standby ? parameters.with(IN_HOT_STANDBY, "on") : parameters).writeTo(out);
        Messages.backendKeyData(out, cancelKey);
        Messages.readyForQuery(out, Backend.IDLE);
        channel.writeAndFlush(out, channel.voidPromise());
    }

    /** What the client takes for the server's values; null before the end of its login. */
    @Nullable ServerParameters known() {
        return told;
    }

    /** The client has seen these values pass by. */
    void told(ServerParameters now) {
        told = now;
    }

    /**
     * Tells the client in what the server connection that it is lent differs from the last.
     *
     * @return whether anything was written
     */
    boolean tell(ServerParameters now) {
        ServerParameters before = told;
        if (before == null || before == now) {
            return false;
        }
        told = now;
        if (before.equals(now)) {
            return false;
        }
        ByteBuf out = channel.alloc().directBuffer(256);
        now.values()
                .forEach((name, value) -> {
                    if (!value.equals(before.values().get(name))) {
                        Messages.parameterStatus(out, name, value);
                    }
                });
        channel.write(out, channel.voidPromise());
        return true;
    }
}
