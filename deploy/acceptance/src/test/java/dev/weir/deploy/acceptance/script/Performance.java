package dev.weir.deploy.acceptance.script;

import dev.weir.deploy.acceptance.script.Script.NextServer;
import dev.weir.deploy.acceptance.script.Script.Read;
import dev.weir.deploy.acceptance.script.Script.Send;
import dev.weir.deploy.acceptance.script.Script.Step;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** One run of one script on one way; its transcript is what the client said and was told. */
public final class Performance {
    private final Way way;
    private final WireClient client;
    private final List<String> transcript = new ArrayList<>();
    private final List<byte[]> unsent = new ArrayList<>();
    private boolean ended;

    /** What the last ReadyForQuery said. */
    private byte status = Backend.IDLE;

    private Performance(Way way, WireClient client) {
        this.way = way;
        this.client = client;
    }

    /** Runs a script to its end; the transcript tells if it did not get there. */
    public static List<String> of(Script script, Way way, WireClient.Pace pace) throws IOException {
        try (WireClient client = way.open()) {
            Performance performance = new Performance(way, client.pace(pace));
            try {
                for (Step step : script.steps()) {
                    performance.step(step);
                }
                performance.finish();
            } catch (AssertionError e) {
                performance.transcript.add("(" + e.getMessage() + ")");
            }
            return performance.transcript;
        }
    }

    private void step(Step step) throws IOException {
        switch (step) {
            case Send send -> {
                transcript.add("> " + shortened(send.line()));
                unsent.add(send.message());
            }
            case Read read -> read(read.types());
            case NextServer _ -> {
                if (status == Backend.IDLE) {
                    way.nextServer();
                }
            }
        }
    }

    private void read(String types) throws IOException {
        try {
            client.send(unsent.toArray(byte[][]::new));
        } catch (IOException e) {
            // The other side has closed; what it said before is still to be read.
        }
        unsent.clear();
        if (types.equals("end")) {
            readUntil('\0');
            return;
        }
        for (char type : types.toCharArray()) {
            readUntil(type);
        }
    }

    private void readUntil(char type) throws IOException {
        Backend message;
        do {
            message = client.next();
            transcript.add(message.toString());
            if (message.type() == 'Z') {
                status = message.body()[0];
            }
            if (message.isEnd()) {
                ended = true;
                return;
            }
        } while (message.type() != type);
    }

    /** Nothing must be left over: neither an answer nor a transaction. */
    private void finish() throws IOException {
        if (!ended) {
            unsent.add(Frontend.sync());
            unsent.add(Frontend.query("ROLLBACK"));
            read("ZZ");
        }
        if (!ended) {
            unsent.add(Frontend.terminate());
            read("end");
        }
    }

    private static String shortened(String line) {
        return line.length() <= 120 ? line : line.substring(0, 120) + "...";
    }
}
