package dev.weir.deploy.acceptance;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What must be in the table at the end: each row of a transaction whose end the client has seen
 * exactly once or not at all, and of one whose end it has not seen all or none. Any thread.
 */
final class CrowdLedger {
    static final String TABLE =
            "CREATE TABLE ledger (client int NOT NULL, deal int NOT NULL, n int)";

    /** How a deal ended. */
    enum End {
        COMMITTED,
        ROLLED_BACK,
        UNKNOWN
    }

    /**
     * Rows that are stored together.
     *
     * @param client who stores them
     * @param number counts the client's deals
     * @param rows numbered from 0 in the column {@code n}
     */
    record Deal(int client, int number, int rows) {}

    private final Map<Deal, End> deals = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();

    /** A number for one more deal. */
    int next() {
        return numbers.incrementAndGet();
    }

    void ended(Deal deal, End how) {
        if (deals.put(deal, how) != null) {
            throw new AssertionError("twice: " + deal);
        }
    }

    int count(End how) {
        return (int) deals.values().stream().filter(how::equals).count();
    }

    /** All that the table has too much or too little. */
    List<String> audit(Connection connection) throws SQLException {
        Map<String, int[]> stored = new HashMap<>();
        List<String> wrong = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT client || '/' || deal, count(*), count(DISTINCT n)"
                                        + " FROM ledger GROUP BY 1")) {
            while (rows.next()) {
                stored.put(rows.getString(1), new int[] {rows.getInt(2), rows.getInt(3)});
            }
        }
        deals.forEach((deal, end) -> {
            int[] found = stored.remove(deal.client() + "/" + deal.number());
            int count = found == null ? 0 : found[0];
            boolean all = found != null && count == deal.rows() && found[1] == count;
            boolean right =
                    switch (end) {
                        case COMMITTED -> all;
                        case ROLLED_BACK -> count == 0;
                        case UNKNOWN -> all || count == 0;
                    };
            if (!right) {
                wrong.add("%s %s, but %d rows are there".formatted(deal, end, count));
            }
        });
        stored.forEach((deal, found) -> wrong.add("nobody's: " + deal + ", rows " + found[0]));
        return wrong;
    }
}
