package dev.weir.failover;

import dev.weir.topology.Lsn;
import dev.weir.topology.Node;

import java.sql.SQLException;
import java.util.Comparator;

/**
 * How far a standby has come, as its own words tell.
 *
 * @param timeline the highest that it has replayed something of
 * @param received up to where it has, or had, WAL of its own
 * @param replayed up to where it has replayed that
 * @param sender whom it receives from at the moment, {@code host:port}; empty if from nobody
 */
record Standing(Node node, int timeline, long received, long replayed, String sender) {
    /** Who has the most. */
    static final Comparator<Standing> FURTHEST =
            Comparator.comparingInt(Standing::timeline)
                    .thenComparing(Standing::received, Long::compareUnsigned)
                    .thenComparing(Standing::replayed, Long::compareUnsigned);

    private static final String TIMELINE =
            """
            SELECT greatest((SELECT timeline_id FROM pg_control_checkpoint()),
                            (SELECT min_recovery_end_timeline FROM pg_control_recovery()),
                            (SELECT received_tli FROM pg_stat_wal_receiver))
            """;

    private static final String RECEIVED =
            """
            SELECT greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(),
                            (SELECT flushed_lsn FROM pg_stat_wal_receiver))
            """;

    private static final String SENDER =
            """
            SELECT sender_host || ':' || sender_port FROM pg_stat_wal_receiver
             WHERE status IN ('streaming', 'waiting', 'restarting', 'stopping')
            """;

    static Standing of(Electorate.Member standby) throws SQLException {
        Operator operator = standby.operator();
        return new Standing(
                standby.node(),
                Integer.parseInt(operator.ask(TIMELINE)),
                position(operator.ask(RECEIVED)),
                position(operator.ask("SELECT pg_last_wal_replay_lsn()")),
                operator.ask(SENDER));
    }

    private static long position(String text) {
        return text.isEmpty() ? 0 : Lsn.parse(text);
    }

    /** Whether it has got nothing since it was asked before. */
    boolean stands(Standing before) {
        return received == before.received && timeline == before.timeline;
    }
}
