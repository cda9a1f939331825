package dev.weir.deploy.acceptance.script;

import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Other clients that take turns in holding all server connections of a pool but one, so that it is
 * they who decide which one is free. They leave traces, such as an unnamed statement, behind.
 */
public final class Churn implements AutoCloseable {
    /** Stands in each of their statements, so that the server's log tells them apart. */
    public static final String MARK = "/* churn */";

    private final Deque<WireClient> holding = new ArrayDeque<>();
    private WireClient free;

    /** Takes {@code poolSize - 1} server connections. */
    public Churn(int port, String user, String database, int poolSize) throws IOException {
        for (int i = 0; i < poolSize - 1; i++) {
            WireClient client = WireClient.login(port, user, database);
            begin(client);
            holding.add(client);
        }
        free = WireClient.login(port, user, database);
    }

    /** Takes the one that is free, then lets the one go that is held longest. */
    public void rotate() throws IOException {
        begin(free);
        holding.add(free);
        free = holding.remove();
        run(free, "COMMIT " + MARK);
        free.expect("ParseComplete", "BindComplete", "CommandComplete(COMMIT)");
        free.expect("ReadyForQuery(I)");
    }

    private static void begin(WireClient client) throws IOException {
        run(client, "BEGIN " + MARK);
        client.expect("ParseComplete", "BindComplete", "CommandComplete(BEGIN)");
        client.expect("ReadyForQuery(T)");
    }

    private static void run(WireClient client, String sql) throws IOException {
        client.send(
                Frontend.parse("", sql),
                Frontend.bind("", ""),
                Frontend.execute(""),
                Frontend.sync());
    }

    @Override
    public void close() throws IOException {
        for (WireClient client : holding) {
            client.close();
        }
        free.close();
    }
}
