package dev.weir.config;

import static dev.weir.config.Key.Change.RELOAD;

import dev.weir.balance.Rules;
import dev.weir.freshness.MaxLag;

import java.time.Duration;

/** The part of the key table that says how replicas are chosen. */
final class ReplicaKeys {
    private static final Duration TENTH = Duration.ofMillis(100);
    private static final Duration HOUR = Duration.ofHours(1);

    static final Group<Rules> REPLICA = new Group<>("How replicas are chosen");

    static final Key<Rules, String> ZONE =
            REPLICA.key(
                    "zone",
                    Types.zone(),
                    "",
                    RELOAD,
                    Rules::zone,
                    "Where this Weir is: replicas of the same zone are preferred, as long as one of"
                            + " them is well and fresh enough.");
    static final Key<Rules, Duration> SLOW_START =
            REPLICA.key(
                    "slow-start",
                    Types.duration(Duration.ZERO, HOUR),
                    "10s",
                    RELOAD,
                    Rules::slowStart,
                    "How long it takes until a replica that has come back gets its whole share of the"
                            + " reads; 0 is at once.");
    static final Key<Rules, Duration> REPLICA_TIMEOUT =
            REPLICA.key(
                    "replica-timeout",
                    Types.duration(TENTH, HOUR),
                    "1s",
                    RELOAD,
                    Rules::timeout,
                    "When a replica has not answered Weir's own question for so long, the reads that"
                            + " it has not begun to answer are asked on the primary; after half of it"
                            + " it gets no more reads.");
    static final Key<Rules, MaxLag> REPLICA_LAG_PREFER =
            REPLICA.key(
                    "replica-lag-prefer",
                    Types.maxLag(),
                    "off",
                    RELOAD,
                    Rules::prefer,
                    "A replica that is further behind the primary, in time or in WAL, answers only"
                            + " if no other that is fresh enough is within that.");
    static final Key<Rules, MaxLag> REPLICA_LAG_NEVER =
            REPLICA.key(
                    "replica-lag-never",
                    Types.maxLag(),
                    "off",
                    RELOAD,
                    Rules::never,
                    "A replica that is further behind the primary, in time or in WAL, gets no reads,"
                            + " even of sessions that have seen nothing newer.");
    static final Key<Rules, Duration> REPLICA_PAUSE =
            REPLICA.key(
                    "replica-pause",
                    Types.duration(TENTH, HOUR),
                    "5s",
                    RELOAD,
                    Rules::pause,
                    "A replica on which half of the last 20 reads have failed, though it answers Weir,"
                            + " gets none for so long; then three reads try.");

    private ReplicaKeys() {}
}
