package dev.weir.discovery;

import dev.weir.topology.Node;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Who streams from one server at the moment, by what it says (manual 27.2.4).
 *
 * @param nodes where they are, whatever they turn out to be
 * @param complaint half a sentence of why some or all are missing; null if none is
 */
record Standbys(List<Node> nodes, @Nullable String complaint) {
    /** All but subscribers and other readers of decoded WAL, which are no copies. */
    private static final String QUESTION =
            """
            SELECT host(client_addr), application_name, pg_has_role('pg_read_all_stats', 'USAGE')
              FROM (SELECT) AS always
                   LEFT JOIN pg_stat_replication AS sender
                        ON state = 'streaming'
                       AND NOT EXISTS (SELECT FROM pg_replication_slots
                                        WHERE active_pid = pid AND slot_type = 'logical')
            """;

    /** What a standby is called that has not been given a name. */
    private static final String NAMELESS = "walreceiver";

    /** Asks a server. */
    static Standbys of(Node server, Connection connection, Search search) throws SQLException {
        List<Node> nodes = new ArrayList<>();
        String complaint = null;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(QUESTION)) {
            while (rows.next()) {
                String address = rows.getString(1);
                String name = rows.getString(2);
                if (!rows.getBoolean(3)) {
                    return new Standbys(
                            List.of(),
                            "router-user may not see who streams from %s: GRANT pg_monitor"
                                    .formatted(server));
                }
                if (name == null) {
                    continue;
                }
                boolean named = search.standbys() == Search.Standbys.APPLICATION_NAME;
                Node node =
                        named
                                ? name.equals(NAMELESS)
                                        ? null
                                        : Addresses.parse(name, search.port())
                                : address == null
                                        ? null
                                        : new Node(
                                                Addresses.seenFrom(server, address), search.port());
                if (node != null) {
                    nodes.add(node);
                } else {
                    complaint =
                            named
                                    ? "the application_name of a standby of %s is no address: \"%s\""
                                            .formatted(server, name)
                                    : "a standby of %s has no address, since it uses a Unix-domain socket: \"%s\""
                                            .formatted(server, name);
                }
            }
        }
        return new Standbys(List.copyOf(nodes), complaint);
    }
}
