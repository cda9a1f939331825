package dev.weir.deploy.acceptance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Messages that are sent in one go, and every reply that must come, in order and no other. Knows
 * the state of the transaction as it will be.
 */
final class CrowdExchange {
    /** As ReadyForQuery tells it (manual 54.7): idle, in a transaction, in a failed one. */
    static final char IDLE = 'I';

    static final char OPEN = 'T';
    static final char FAILED = 'E';

    private static final int SHOWN = 160;

    private final String who;
    private final CrowdFrames frames = new CrowdFrames();
    private final List<String> expected = new ArrayList<>();
    private char status;

    /** An exchange of a client whose transaction stands as {@code status} says. */
    CrowdExchange(String who, char status) {
        this.who = who;
        this.status = status;
    }

    CrowdFrames frames() {
        return frames;
    }

    char status() {
        return status;
    }

    void status(char next) {
        status = next;
    }

    /** The replies that follow, each as {@link CrowdMessage#said} says it. */
    void expect(String... replies) {
        expected.addAll(List.of(replies));
    }

    /** ReadyForQuery, in the state that holds by now. */
    void expectReady() {
        expected.add("Z" + status);
    }

    /** An error, and what it does to a transaction. */
    void expectError(String sqlState) {
        expected.add("E" + sqlState);
        if (status == OPEN) {
            status = FAILED;
        }
    }

    void run(CrowdWire wire, Random random) throws IOException {
        wire.sendTorn(frames.bytes(), random);
        readReplies(wire);
    }

    void readReplies(CrowdWire wire) throws IOException {
        for (int i = 0; i < expected.size(); i++) {
            CrowdMessage message = next(wire);
            if (!message.said().equals(expected.get(i))) {
                if (lost(message)) {
                    throw new CrowdLostException(who, message);
                }
                throw new AssertionError(
                        "%s got %s where %s was due, which is number %d of %s"
                                .formatted(who, message, expected.get(i), i, shown()));
            }
        }
    }

    private String shown() {
        return expected.stream()
                .map(it -> it.length() <= SHOWN ? it : it.substring(0, SHOWN) + "...")
                .toList()
                .toString();
    }

    /** The next message but for those that may come at any time. */
    static CrowdMessage next(CrowdWire wire) throws IOException {
        CrowdMessage message = wire.read();
        while (message.type() == 'S' || message.type() == 'A') {
            message = wire.read();
        }
        return message;
    }

    /** Whether this says that the server connection has died. */
    static boolean lost(CrowdMessage message) {
        return message.type() == 'E'
                && (message.field('C').equals("57P01") || message.field('C').equals("08006"));
    }
}
