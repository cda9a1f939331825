package dev.weir.deploy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The transactions of one pgbench run, from its per-transaction logs: {@code client transaction
 * latency script epoch-seconds microseconds}, one line each, in the order in which they ended.
 * Growing arrays of primitives, for a run may have hundreds of thousands of lines.
 */
final class Transactions {
    private long[] ends = new long[1 << 16];
    private long[] latencies = new long[1 << 16];
    private int[] clients = new int[1 << 16];
    private int count;
    private int failed;

    /** Reads the logs of all threads of one run. */
    static Transactions read(List<Path> logs) throws IOException {
        Transactions all = new Transactions();
        for (Path log : logs) {
            all.parse(Files.readAllBytes(log));
        }
        return all;
    }

    /**
     * Adds the lines of one log.
     *
     * @throws IOException if a line has not the fields of pgbench's log
     */
    void parse(byte[] log) throws IOException {
        int at = 0;
        while (at < log.length) {
            int end = at;
            while (end < log.length && log[end] != '\n') {
                end++;
            }
            if (end > at) {
                line(new Fields(log, at, end));
            }
            at = end + 1;
        }
    }

    private void line(Fields fields) throws IOException {
        int client = (int) fields.number();
        fields.number();
        if (!fields.atNumber()) {
            // The word "failed" or "skipped" stands where the latency would.
            failed++;
            return;
        }
        long latency = fields.number();
        fields.number();
        long seconds = fields.number();
        add(client, latency, seconds * 1_000_000 + fields.number());
    }

    private void add(int client, long latencyMicros, long endMicros) {
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, count * 2);
            latencies = Arrays.copyOf(latencies, count * 2);
            clients = Arrays.copyOf(clients, count * 2);
        }
        ends[count] = endMicros;
        latencies[count] = latencyMicros;
        clients[count++] = client;
    }

    /** How many ended well. */
    int count() {
        return count;
    }

    /** How many pgbench gave up. */
    int failed() {
        return failed;
    }

    /** When the first one ended, in microseconds since 1970; the run must not be empty. */
    long firstEndMicros() {
        return Arrays.stream(ends, 0, count).min().orElseThrow();
    }

    /** When the last one ended, in microseconds since 1970; the run must not be empty. */
    long lastEndMicros() {
        return Arrays.stream(ends, 0, count).max().orElseThrow();
    }

    /** How many ended in the window, its end included. */
    int countIn(long fromMicros, long toMicros) {
        int sum = 0;
        for (int i = 0; i < count; i++) {
            if (ends[i] > fromMicros && ends[i] <= toMicros) {
                sum++;
            }
        }
        return sum;
    }

    /** The latencies in microseconds, as pgbench took them, of what ended in the window. */
    long[] latenciesIn(long fromMicros, long toMicros) {
        long[] found = new long[count];
        int size = 0;
        for (int i = 0; i < count; i++) {
            if (ends[i] > fromMicros && ends[i] <= toMicros) {
                found[size++] = latencies[i];
            }
        }
        return Arrays.copyOf(found, size);
    }

    /**
     * The times from one transaction's end to the next one's of the same client. With a login
     * before each transaction this is what a user waits for, while pgbench's own latency leaves the
     * login out.
     */
    long[] cyclesIn(long fromMicros, long toMicros) {
        Map<Integer, Long> previous = new HashMap<>();
        long[] found = new long[count];
        int size = 0;
        for (int i = 0; i < count; i++) {
            Long before = previous.put(clients[i], ends[i]);
            if (before != null && before >= fromMicros && ends[i] <= toMicros) {
                found[size++] = ends[i] - before;
            }
        }
        return Arrays.copyOf(found, size);
    }

    /** Reads the numbers of one line. */
    private static final class Fields {
        private final byte[] bytes;
        private final int end;
        private int at;

        Fields(byte[] bytes, int from, int end) {
            this.bytes = bytes;
            this.at = from;
            this.end = end;
        }

        boolean atNumber() {
            return at < end && bytes[at] >= '0' && bytes[at] <= '9';
        }

        long number() throws IOException {
            if (!atNumber()) {
                throw new IOException("not a line of pgbench's log");
            }
            long value = 0;
            while (atNumber()) {
                value = value * 10 + bytes[at++] - '0';
            }
            if (at < end && bytes[at] == ' ') {
                at++;
            }
            return value;
        }
    }
}
