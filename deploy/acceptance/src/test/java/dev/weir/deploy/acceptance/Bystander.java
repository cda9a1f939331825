package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.WireClient;

import java.io.IOException;

/** A client that has nothing to do with what goes wrong, and must not notice it. */
final class Bystander implements AutoCloseable {
    private final Weir weir;
    private final String user;
    private final String database;
    private final WireClient client;

    Bystander(Weir weir, String user, String database) throws IOException {
        this.weir = weir;
        this.user = user;
        this.database = database;
        client = WireClient.login(weir.port(), user, database);
    }

    /** It is served as before, and so is one who comes anew. */
    void assertServed() throws IOException {
        assertThat(client.one("SELECT 'served'")).isEqualTo("served");
        try (WireClient another = WireClient.login(weir.port(), user, database)) {
            assertThat(another.one("SELECT 'served too'")).isEqualTo("served too");
            another.terminate();
        }
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
