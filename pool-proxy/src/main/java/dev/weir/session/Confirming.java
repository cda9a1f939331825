package dev.weir.session;

import dev.weir.pool.Admission;
import dev.weir.pool.PoolKey;
import dev.weir.router.Router;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerUnavailableException;
import dev.weir.topology.Node;
import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/**
 * Has each new server connection of one pool confirmed: by the server's own word that it is the
 * primary, or a replica, given after the connection was begun. Any thread may use it.
 */
record Confirming(Routers routers, PoolKey key) implements Admission {
    @Override
    public void ask(
            ServerConnection server,
            long begunNanos,
            Consumer<@Nullable ServerUnavailableException> heard) {
        Router router = routers.of(key.database());
        if (router == null) {
            heard.accept(null);
            return;
        }
        router.leadership()
                .confirm(
                        new Node(server.target().host(), server.target().port()),
                        key.place().isEmpty(),
                        begunNanos,
                        server.loop(),
                        refusal -> heard.accept(refusal == null ? null : unfit(refusal)));
    }

    private static ServerUnavailableException unfit(String refusal) {
        return new ServerUnavailableException(
                ServerUnavailableException.Kind.UNREACHABLE,
                SqlState.SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
                refusal);
    }
}
