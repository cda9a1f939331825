package dev.weir.classify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads a database's catalog. It needs no privilege beyond a login. For one thread, which may
 * block.
 */
public final class CatalogReader implements AutoCloseable {
    /** Volatile functions that do and see nothing but chance and time. */
    private static final Set<String> HARMLESS =
            Set.of(
                    "random",
                    "random_normal",
                    "gen_random_uuid",
                    "uuidv4",
                    "uuidv7",
                    "clock_timestamp",
                    "timeofday",
                    "pg_sleep",
                    "pg_sleep_for",
                    "pg_sleep_until");

    /** The only functions of PostgreSQL's own named pg_ that do not tell of the server. */
    private static final Set<String> OF_VALUES =
            Set.of(
                    "pg_typeof",
                    "pg_column_size",
                    "pg_column_compression",
                    "pg_size_pretty",
                    "pg_size_bytes",
                    "pg_sleep",
                    "pg_sleep_for",
                    "pg_sleep_until");

    /** Aggregates are declared immutable, whatever the functions that they are made of. */
    private static final String FUNCTIONS =
            """
            SELECT p.proname,
                   bool_or(p.pronamespace = 'pg_catalog'::regnamespace) AS own,
                   bool_or(p.pronamespace <> 'pg_catalog'::regnamespace
                           AND (p.provolatile = 'v' OR coalesce(part.provolatile, 'i') = 'v')) AS hidden,
                   bool_or(p.pronamespace = 'pg_catalog'::regnamespace
                           AND p.provolatile = 'v') AS volatile
            FROM pg_proc p
            LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid
            LEFT JOIN pg_proc part ON part.oid IN
                (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn)
            WHERE p.prokind <> 'p'
            GROUP BY p.proname
            """;

    private static final String OPERATORS =
            """
            SELECT DISTINCT o.oprname FROM pg_operator o
            JOIN pg_proc p ON p.oid = o.oprcode
            WHERE o.oid >= 16384 AND p.provolatile = 'v'
            """;

    /**
     * Types whose values cannot be read, written, converted or compared without such a function.
     */
    private static final String TYPES =
            """
            SELECT t.oid, t.typname FROM pg_type t
            WHERE t.oid >= 16384 AND (
                EXISTS (SELECT FROM pg_proc p WHERE p.provolatile = 'v' AND p.oid IN
                    (t.typinput, t.typoutput, t.typreceive, t.typsend) AND p.oid >= 16384)
                OR EXISTS (SELECT FROM pg_cast c JOIN pg_proc p ON p.oid = c.castfunc
                    WHERE p.provolatile = 'v' AND p.oid >= 16384 AND t.oid IN (c.castsource, c.casttarget))
                OR EXISTS (SELECT FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
                    WHERE p.provolatile = 'v' AND p.oid >= 16384 AND t.oid IN (o.oprleft, o.oprright)))
            """;

    /** Unlogged and foreign tables, sequences, and what has a column of such a type. */
    private static final String RELATIONS =
            """
            SELECT c.oid, c.relname FROM pg_class c
            WHERE c.relpersistence <> 't' AND c.relkind IN ('r', 'p', 'm', 'f', 'S')
              AND (c.relpersistence = 'u' OR c.relkind IN ('f', 'S')
                   OR (c.oid >= 16384 AND EXISTS (SELECT FROM pg_attribute a
                        WHERE a.attrelid = c.oid AND a.atttypid = ANY (?))))
            """;

    private static final String PARENTS =
            """
            WITH RECURSIVE above(oid) AS (
                SELECT unnest(?::oid[])
                UNION
                SELECT i.inhparent FROM pg_inherits i JOIN above ON i.inhrelid = above.oid)
            SELECT c.relname FROM pg_class c JOIN above USING (oid)
            """;

    /** Dependencies on PostgreSQL's own functions are not recorded: only the text shows them. */
    private static final String VIEWS =
            """
            SELECT c.relname, pg_get_viewdef(c.oid) FROM pg_class c
            WHERE c.relkind = 'v' AND c.oid >= 16384
            UNION ALL
            SELECT c.relname, 'SELECT ' || pg_get_expr(p.polqual, p.polrelid) FROM pg_policy p
            JOIN pg_class c ON c.oid = p.polrelid
            WHERE p.polqual IS NOT NULL
            UNION ALL
            SELECT t.typname, 'SELECT ' || pg_get_expr(d.conbin, 0) FROM pg_constraint d
            JOIN pg_type t ON t.oid = d.contypid
            WHERE d.conbin IS NOT NULL AND t.oid >= 16384
            """;

    /** Changes with each change of what is read here. */
    private static final String FINGERPRINT =
            """
            SELECT concat_ws(' ',
                (SELECT concat(count(*), ' ', sum(hashint8(xmin::text::bigint * 31 + oid::bigint)))
                 FROM pg_proc WHERE oid >= 16384),
                (SELECT concat(count(*), ' ', sum(hashint8(xmin::text::bigint * 31 + oid::bigint)))
                 FROM pg_operator WHERE oid >= 16384),
                (SELECT concat(count(*), ' ', sum(hashint8(xmin::text::bigint * 31 + oid::bigint)))
                 FROM pg_type WHERE oid >= 16384 AND typtype IN ('b', 'd')),
                (SELECT concat(count(*), ' ', sum(hashint8(xmin::text::bigint * 31 + oid::bigint)))
                 FROM pg_class WHERE oid >= 16384 AND (relkind IN ('v', 'f', 'S') OR relpersistence = 'u')),
                (SELECT concat(count(*), ' ', sum(hashint8(xmin::text::bigint * 31 + oid::bigint)))
                 FROM pg_rewrite WHERE oid >= 16384),
                (SELECT concat(count(*), ' ', sum(hashint8(xmin::text::bigint * 31 + oid::bigint)))
                 FROM pg_policy),
                (SELECT concat(count(*), ' ', sum(hashint8(xmin::text::bigint * 31 + oid::bigint)))
                 FROM pg_cast WHERE oid >= 16384),
                (SELECT concat(count(*), ' ', sum(hashint8(xmin::text::bigint * 31 + oid::bigint)))
                 FROM pg_constraint WHERE contypid <> 0),
                (SELECT concat(count(*), ' ', sum(hashint8(inhrelid::bigint * 31 + inhparent::bigint)))
                 FROM pg_inherits))
            """;

    private final Connection connection;

    /** Prepared once: it is asked for as long as the connection lives. */
    private final PreparedStatement question;

    /**
     * Reads the catalog of the database that a connection leads to.
     *
     * @param connection stays the caller's
     * @throws SQLException if the connection fails
     */
    public CatalogReader(Connection connection) throws SQLException {
        this.connection = connection;
        this.question = connection.prepareStatement(FINGERPRINT);
    }

    /**
     * A text that is the same as before only if nothing that {@link #read} reads has changed.
     *
     * @throws SQLException if the connection fails
     */
    public String fingerprint() throws SQLException {
        try (ResultSet row = question.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    /**
     * Reads all that {@link Classifier} must know of this database.
     *
     * @throws SQLException if the connection fails
     */
    public Catalog read() throws SQLException {
        Catalog.Builder names = new Catalog.Builder();
        try (Statement statement = connection.createStatement()) {
            functions(statement, names);
            List<String> operators = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery(OPERATORS)) {
                while (rows.next()) {
                    operators.add(rows.getString(1));
                }
            }
            names.volatileOperators(operators);
            relations(types(statement, names), names);
            names.mark("information_schema", Catalog.SERVER);
            // What is named behind it decides.
            names.mark("pg_catalog", Catalog.FUNCTION);
            return withViews(statement, names);
        }
    }

    private static void functions(Statement statement, Catalog.Builder names) throws SQLException {
        try (ResultSet rows = statement.executeQuery(FUNCTIONS)) {
            while (rows.next()) {
                String name = rows.getString("proname");
                if (rows.getBoolean("hidden")) {
                    names.mark(name, Catalog.VOLATILE | Catalog.HIDDEN);
                } else if (rows.getBoolean("volatile") && !HARMLESS.contains(name)) {
                    names.mark(name, Catalog.VOLATILE);
                } else if (rows.getBoolean("own") && tellsOfServer(name)) {
                    names.mark(name, Catalog.SERVER);
                } else {
                    names.mark(name, Catalog.FUNCTION);
                }
            }
        }
    }

    private static boolean tellsOfServer(String name) {
        return (name.startsWith("pg_") && !OF_VALUES.contains(name))
                || name.startsWith("txid_")
                || name.startsWith("inet_server")
                || name.startsWith("inet_client");
    }

    private static Long[] types(Statement statement, Catalog.Builder names) throws SQLException {
        List<Long> types = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(TYPES)) {
            while (rows.next()) {
                types.add(rows.getLong(1));
                names.mark(rows.getString(2), Catalog.RELATION);
            }
        }
        return types.toArray(Long[]::new);
    }

    private void relations(Long[] types, Catalog.Builder names) throws SQLException {
        List<Long> found = new ArrayList<>();
        try (var relations = connection.prepareStatement(RELATIONS)) {
            relations.setArray(1, connection.createArrayOf("oid", types));
            try (ResultSet rows = relations.executeQuery()) {
                while (rows.next()) {
                    found.add(rows.getLong(1));
                    names.mark(rows.getString(2), Catalog.RELATION);
                }
            }
        }
        try (var parents = connection.prepareStatement(PARENTS)) {
            parents.setArray(1, connection.createArrayOf("oid", found.toArray()));
            try (ResultSet rows = parents.executeQuery()) {
                while (rows.next()) {
                    names.mark(rows.getString(1), Catalog.RELATION);
                }
            }
        }
    }

    private static final class Definition {
        private final String name;
        private final byte[] text;

        Definition(String name, String text) {
            this.name = name;
            this.text = text.getBytes(UTF_8);
        }
    }

    /** Adds the views that must be read on the primary, and those that read such a view. */
    private static Catalog withViews(Statement statement, Catalog.Builder names)
            throws SQLException {
        List<Definition> harmless = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(VIEWS)) {
            while (rows.next()) {
                harmless.add(new Definition(rows.getString(1), rows.getString(2)));
            }
        }
        while (true) {
            Catalog sofar = names.build();
            List<Definition> left = new ArrayList<>();
            for (Definition definition : harmless) {
                if (Classifier.classify(definition.text, sofar).mayLeave()) {
                    left.add(definition);
                } else {
                    names.mark(definition.name, Catalog.RELATION);
                }
            }
            if (left.size() == harmless.size()) {
                return sofar;
            }
            harmless = left;
        }
    }

    @Override
    public void close() throws SQLException {
        question.close();
    }
}
