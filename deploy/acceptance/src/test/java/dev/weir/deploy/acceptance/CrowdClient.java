package dev.weir.deploy.acceptance;

import dev.weir.deploy.acceptance.CrowdLedger.Deal;
import dev.weir.deploy.acceptance.CrowdLedger.End;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** One client of the crowd: logs in, does this and that, and goes in one way or another. */
final class CrowdClient {
    private static final int ROWS = 6;

    private final int port;
    private final int number;
    private final String marker;
    private final Random random;
    private final CrowdLedger ledger;
    private final CrowdTalk talk;

    CrowdClient(int port, int number, long seed, CrowdLedger ledger) {
        this.port = port;
        this.number = number;
        this.marker = "c%07d".formatted(number);
        this.random = new Random(seed);
        this.ledger = ledger;
        this.talk = new CrowdTalk(marker, random);
    }

    /** Lives one session from login to goodbye. */
    void live() throws IOException {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", CrowdRun.USER);
        parameters.put("database", CrowdRun.DATABASE);
        if (random.nextBoolean()) {
            parameters.put("application_name", marker);
        }
        CrowdWire wire = CrowdWire.login(port, parameters);
        try {
            if (parameters.containsKey("application_name")) {
                ownName(wire);
            }
            for (int i = random.nextInt(12); i > 0; i--) {
                step(wire);
            }
            leave(wire);
        } catch (IOException | RuntimeException | Error e) {
            wire.reset();
            throw e;
        }
    }

    private CrowdExchange exchange() {
        return new CrowdExchange(marker, CrowdExchange.IDLE);
    }

    private void step(CrowdWire wire) throws IOException {
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> pipeline(wire);
            case 3, 4, 5 -> transaction(wire);
            case 6 -> transactionInOneGo(wire);
            case 7 -> copyIn(wire);
            case 8 -> copyOut(wire);
            case 9 -> cancelled(wire);
            case 10 -> strayCancel(wire);
            default -> flushed(wire);
        }
    }

    private void ownName(CrowdWire wire) throws IOException {
        CrowdExchange exchange = exchange();
        for (int i = 0; i < 2; i++) {
            exchange.frames().query("SHOW application_name");
            exchange.expect("T", "D[" + marker + "]", "CSHOW");
            exchange.expectReady();
        }
        exchange.run(wire, random);
    }

    /** Several Syncs and Queries in flight. */
    private void pipeline(CrowdWire wire) throws IOException {
        CrowdExchange exchange = exchange();
        for (int i = random.nextInt(8); i >= 0; i--) {
            talk.sayAnything(exchange);
        }
        exchange.run(wire, random);
    }

    /** Some rows are stored, each exchange waited for. */
    private void transaction(CrowdWire wire) throws IOException {
        Deal deal = new Deal(number, ledger.next(), ROWS);
        CrowdExchange exchange = exchange();
        talk.begin(exchange);
        talk.insert(exchange, deal, 0, ROWS / 2);
        if (random.nextInt(3) == 0) {
            talk.portal(exchange);
        }
        exchange.run(wire, random);
        exchange = new CrowdExchange(marker, exchange.status());
        talk.insert(exchange, deal, ROWS / 2, ROWS);
        for (int i = random.nextInt(3); i > 0; i--) {
            talk.sayAnything(exchange);
        }
        exchange.run(wire, random);
        end(wire, new CrowdExchange(marker, exchange.status()), deal);
    }

    private void transactionInOneGo(CrowdWire wire) throws IOException {
        Deal deal = new Deal(number, ledger.next(), ROWS);
        CrowdExchange exchange = exchange();
        talk.simple(exchange);
        talk.begin(exchange);
        talk.insert(exchange, deal, 0, ROWS);
        talk.sayAnything(exchange);
        end(wire, exchange, deal);
    }

    private void end(CrowdWire wire, CrowdExchange exchange, Deal deal) throws IOException {
        boolean commits = exchange.status() == CrowdExchange.OPEN && random.nextInt(4) > 0;
        if (commits || random.nextBoolean() && exchange.status() == CrowdExchange.FAILED) {
            talk.commit(exchange);
        } else {
            talk.rollback(exchange);
        }
        talk.simple(exchange);
        End how = commits ? End.UNKNOWN : End.ROLLED_BACK;
        try {
            exchange.run(wire, random);
            how = commits ? End.COMMITTED : End.ROLLED_BACK;
        } finally {
            ledger.ended(deal, how);
        }
    }

    // ---- COPY ----

    private void copyIn(CrowdWire wire) throws IOException {
        Deal deal = new Deal(number, ledger.next(), 1 + random.nextInt(200));
        beginCopy(wire);
        int way = random.nextInt(4);
        CrowdExchange exchange = exchange();
        for (int n = 0; n < deal.rows(); n++) {
            exchange.frames().copyData(number + "\t" + deal.number() + "\t" + n + "\n");
            if (way == 1 && n == deal.rows() / 2) {
                exchange.frames().copyData("no row at all\n");
            }
        }
        if (way == 0) {
            exchange.frames().copyFail("thought better of it");
            exchange.expect("E57014");
        } else {
            exchange.frames().copyDone();
            exchange.expect(way == 1 ? "E22P02" : "CCOPY " + deal.rows());
        }
        exchange.expectReady();
        talk.simple(exchange);
        End how = way < 2 ? End.ROLLED_BACK : End.UNKNOWN;
        try {
            exchange.run(wire, random);
            how = way < 2 ? End.ROLLED_BACK : End.COMMITTED;
        } finally {
            ledger.ended(deal, how);
        }
    }

    private void beginCopy(CrowdWire wire) throws IOException {
        CrowdExchange begin = exchange();
        begin.frames().query("COPY ledger FROM STDIN");
        begin.expect("G");
        begin.run(wire, random);
    }

    private void copyOut(CrowdWire wire) throws IOException {
        int rows = 1 + random.nextInt(300);
        CrowdExchange exchange = exchange();
        exchange.frames()
                .query(
                        "COPY (SELECT '%s', i FROM generate_series(1, %d) i) TO STDOUT"
                                .formatted(marker, rows));
        exchange.expect("H");
        for (int i = 1; i <= rows; i++) {
            exchange.expect("d" + marker + "\t" + i);
        }
        exchange.expect("c", "CCOPY " + rows);
        exchange.expectReady();
        exchange.run(wire, random);
    }

    // ---- cancels ----

    private void cancelled(CrowdWire wire) throws IOException {
        wire.send(new CrowdFrames().query("SELECT pg_sleep(60)").bytes());
        do {
            wire.cancel();
        } while (!wire.hasMessage(1 + random.nextInt(100)));
        CrowdExchange exchange = exchange();
        CrowdMessage first = CrowdExchange.next(wire);
        if (first.type() == 'T') {
            // The row's description may be out before the sleep begins.
            first = CrowdExchange.next(wire);
        }
        if (!first.said().equals("E57014")) {
            fail(first, "the cancel");
        }
        exchange.expectReady();
        exchange.readReplies(wire);
    }

    /** Only this client's statements may be hit, whenever the request arrives. */
    private void strayCancel(CrowdWire wire) throws IOException {
        int statements = 1 + random.nextInt(6);
        CrowdFrames frames = new CrowdFrames();
        for (int i = 0; i < statements; i++) {
            frames.query("SELECT '%s', pg_sleep(0.001)".formatted(marker));
        }
        wire.send(frames.bytes());
        wire.cancel();
        for (int i = 0; i < statements; i++) {
            CrowdMessage message = CrowdExchange.next(wire);
            StringBuilder types = new StringBuilder();
            while (message.type() != 'Z') {
                types.append(message.type());
                boolean right =
                        switch (message.type()) {
                            case 'E' -> message.field('C').equals("57014");
                            case 'D' -> message.row().getFirst().equals(marker);
                            default -> true;
                        };
                if (!right) {
                    fail(message, "a stray cancel");
                }
                message = CrowdExchange.next(wire);
            }
            if (!types.toString().matches("TDC|T?D?E")) {
                throw new AssertionError(marker + " got " + types + " behind a stray cancel");
            }
        }
    }

    private void fail(CrowdMessage message, String where) throws IOException {
        if (CrowdExchange.lost(message)) {
            throw new CrowdLostException(marker, message);
        }
        throw new AssertionError(marker + " got " + message + " at " + where);
    }

    /** Replies are had by Flush, before the Sync. */
    private void flushed(CrowdWire wire) throws IOException {
        CrowdExchange exchange = exchange();
        exchange.frames().parse("", "SELECT $1::text").bind("", "", marker).execute("", 0).flush();
        exchange.expect("1", "2", "D[" + marker + "]", "CSELECT 1");
        exchange.run(wire, random);
        CrowdExchange sync = exchange();
        sync.frames().sync();
        sync.expectReady();
        sync.run(wire, random);
    }

    // ---- endings ----

    private void leave(CrowdWire wire) throws IOException {
        switch (random.nextInt(8)) {
            case 0 -> wire.vanish();
            case 1 -> wire.reset();
            case 2 -> leaveInTransaction(wire);
            case 3 -> leaveInCopy(wire);
            case 4 -> leaveInMessage(wire);
            case 5 -> leaveInPipeline(wire);
            default -> wire.close();
        }
    }

    private void goneSomehow(CrowdWire wire) throws IOException {
        switch (random.nextInt(3)) {
            case 0 -> wire.vanish();
            case 1 -> wire.reset();
            default -> wire.close();
        }
    }

    private void leaveInTransaction(CrowdWire wire) throws IOException {
        Deal deal = new Deal(number, ledger.next(), ROWS);
        ledger.ended(deal, End.ROLLED_BACK);
        CrowdExchange exchange = exchange();
        talk.begin(exchange);
        talk.insert(exchange, deal, 0, ROWS);
        exchange.run(wire, random);
        if (random.nextBoolean()) {
            wire.send(new CrowdFrames().query("SELECT pg_sleep(0.02)").bytes());
        }
        goneSomehow(wire);
    }

    private void leaveInCopy(CrowdWire wire) throws IOException {
        Deal deal = new Deal(number, ledger.next(), ROWS);
        ledger.ended(deal, End.ROLLED_BACK);
        beginCopy(wire);
        CrowdFrames frames = new CrowdFrames();
        for (int n = 0; n < ROWS; n++) {
            frames.copyData(number + "\t" + deal.number() + "\t" + n + "\n");
        }
        byte[] bytes = frames.bytes();
        wire.send(java.util.Arrays.copyOf(bytes, bytes.length - random.nextInt(8)));
        goneSomehow(wire);
    }

    private void leaveInMessage(CrowdWire wire) throws IOException {
        CrowdFrames frames = new CrowdFrames();
        if (random.nextBoolean()) {
            frames.query("SELECT '" + marker.repeat(1 + random.nextInt(3000)) + "'");
        } else {
            frames.parse("", "SELECT $1::text")
                    .bind("", "", marker.repeat(1 + random.nextInt(3000)));
        }
        byte[] bytes = frames.bytes();
        wire.send(java.util.Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length - 1)));
        goneSomehow(wire);
    }

    /** Nobody reads the replies; what was sent may have been carried out or not. */
    private void leaveInPipeline(CrowdWire wire) throws IOException {
        Deal deal = new Deal(number, ledger.next(), ROWS);
        ledger.ended(deal, End.UNKNOWN);
        CrowdExchange exchange = exchange();
        talk.sayAnything(exchange);
        talk.begin(exchange);
        talk.insert(exchange, deal, 0, ROWS);
        talk.commit(exchange);
        talk.sayAnything(exchange);
        wire.sendTorn(exchange.frames().bytes(), random);
        goneSomehow(wire);
    }
}
