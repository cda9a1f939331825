package dev.weir.deploy.acceptance;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What can be done to a session's state, and how to look at it. */
final class StateScripts {
    /** Between a text with parameters and their values. */
    static final String BOUND = " <- ";

    static final String SCHEMA =
            """
            CREATE SCHEMA one; CREATE SCHEMA two; CREATE SEQUENCE public.numbers;
            CREATE TABLE one.place AS SELECT 'one' AS name; CREATE TABLE two.place AS SELECT 'two' AS name;
            GRANT USAGE ON SCHEMA one, two TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA one, two TO PUBLIC;
            GRANT USAGE ON SEQUENCE public.numbers TO PUBLIC;
            CREATE PROCEDURE public.change(text) LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_catalog.set_config('work_mem', $1, false); END $$;
            CREATE VIEW public.state AS
            SELECT name || '=' || setting AS line FROM pg_catalog.pg_settings
            WHERE setting IS DISTINCT FROM boot_val
              AND (setting <> '' OR name NOT LIKE '%.%') AND name NOT LIKE 'plpgsql.%'
            UNION ALL SELECT 'tenant ' || coalesce(current_setting('app.tenant_id', true), '')
            UNION ALL SELECT 'role ' || current_setting('role') || ' of ' || session_user || ' as ' || current_user
            UNION ALL SELECT 'prepared ' || name || ' ' || parameter_types::text FROM pg_catalog.pg_prepared_statements WHERE from_sql
            UNION ALL SELECT 'listens ' || regexp_replace(c, '^weir:', '') FROM pg_catalog.pg_listening_channels() c
            UNION ALL SELECT 'lock ' || objid FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
            UNION ALL SELECT 'cursor ' || name FROM pg_catalog.pg_cursors WHERE is_holdable
            UNION ALL SELECT 'temporary ' || relname FROM pg_catalog.pg_class WHERE relnamespace = pg_catalog.pg_my_temp_schema();
            GRANT SELECT ON public.state TO PUBLIC;
            """;

    private static final List<String[]> SETTINGS =
            List.of(
                    new String[] {"work_mem", "'5MB'", "'6MB'", "'7777kB'"},
                    new String[] {"timezone", "'UTC'", "'Asia/Tokyo'", "'America/Lima'"},
                    new String[] {"datestyle", "'ISO'", "'ISO, DMY'", "'ISO, YMD'"},
                    new String[] {"search_path", "one", "two, one", "public, two"},
                    new String[] {"app.tenant_id", "'7'", "'8'", "'it''s \\ 9'"},
                    new String[] {"application_name", "'a'", "'b c'", "''"},
                    new String[] {"extra_float_digits", "0", "2", "3"},
                    new String[] {"intervalstyle", "'iso_8601'", "'postgres'", "'sql_standard'"},
                    new String[] {"statement_timeout", "'61s'", "'62s'", "0"},
                    new String[] {
                        "default_transaction_isolation",
                        "'serializable'",
                        "'read committed'",
                        "'repeatable read'"
                    },
                    new String[] {"enable_seqscan", "off", "on", "off"});

    private StateScripts() {}

    /** Connection parameters for the driver's URL. */
    static String startup(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> "options=-c%20work_mem=9MB%20-c%20app.tenant_id=5";
            case 1 -> "currentSchema=two&ApplicationName=named";
            case 2 -> "preferQueryMode=simple";
            case 3 -> "prepareThreshold=1&options=-c%20intervalstyle=iso_8601";
            default -> "ApplicationName=usual";
        };
    }

    /** Statements that end outside of a transaction block. */
    static List<String> sequence(Random random, boolean mayPin) {
        List<String> sequence = new ArrayList<>();
        boolean block = random.nextInt(3) == 0;
        if (block) {
            sequence.add("BEGIN");
        }
        int length = 1 + random.nextInt(6);
        for (int i = 0; i < length; i++) {
            sequence.add(statement(random, mayPin, block));
        }
        if (block) {
            sequence.add(random.nextBoolean() ? "COMMIT" : "ROLLBACK");
        }
        return sequence;
    }

    private static String statement(Random random, boolean mayPin, boolean block) {
        String[] setting = SETTINGS.get(random.nextInt(SETTINGS.size()));
        String name = setting[0];
        String value = setting[1 + random.nextInt(setting.length - 1)];
        String text = value.startsWith("'") ? value : "'" + value + "'";
        return switch (random.nextInt(mayPin ? 42 : 33)) {
            case 0, 1, 2 -> "SET " + name + " TO " + value;
            case 3 -> "SET SESSION " + name + " = " + value;
            case 4 -> block ? "SET LOCAL " + name + " = " + value : "SELECT 1";
            case 5 -> "RESET " + name;
            case 6 -> "SET " + name + " TO DEFAULT";
            case 7 -> "RESET ALL";
            case 8 -> "SELECT set_config('" + name + "', " + text + ", false)";
            case 9 -> "SELECT pg_catalog.SET_config('" + name + "', " + text + ", true)";
            case 10 ->
                    "SELECT set_config(?, ?, false)"
                            + BOUND
                            + name
                            + ","
                            + value.replace("'", "").replace(",", "");
            case 11 -> "SET ROLE other";
            case 12 -> "RESET ROLE";
            case 13 -> "SET SESSION AUTHORIZATION plain";
            case 14 -> "RESET SESSION AUTHORIZATION";
            case 15 ->
                    "PREPARE p" + random.nextInt(3) + "(int) AS SELECT $1 + " + random.nextInt(9);
            case 16 -> "EXECUTE p" + random.nextInt(3) + "(1)";
            case 17 -> "DEALLOCATE p" + random.nextInt(3);
            case 18 -> "DEALLOCATE ALL";
            case 19 -> block ? "SAVEPOINT s" : "DISCARD ALL";
            case 20 -> block ? "ROLLBACK TO s" : "DISCARD PLANS";
            case 21 -> block ? "RELEASE s" : "SELECT name FROM place";
            case 22 -> "SELECT 1/0";
            case 23 -> "SELECT name FROM place";
            case 24 -> "DO $$ BEGIN PERFORM set_config('work_mem', '8MB', false); END $$";
            case 25 -> "CALL public.change('4321kB')";
            case 26 -> "SELECT 'a' AS x; SET work_mem = '2MB'; SELECT ';'";
            case 27 -> block ? "SELECT 2" : "BEGIN; SET work_mem = '3MB'; ROLLBACK";
            case 28 -> "UPDATE pg_settings SET setting = '123' WHERE name = 'work_mem'";
            // A setting of an unknown prefix stays defined where it has once been set.
            case 29 -> "SELECT coalesce(current_setting('" + name + "', true), '')";
            case 30 -> "LISTEN c" + random.nextInt(3);
            case 31 -> "UNLISTEN c" + random.nextInt(3);
            case 32 -> "UNLISTEN *";
            case 33 -> "CREATE TEMP TABLE t" + random.nextInt(2) + " AS SELECT 1 AS x";
            case 34 -> "DROP TABLE IF EXISTS t" + random.nextInt(2);
            case 35 -> "SELECT pg_try_advisory_lock(" + random.nextInt(3) + ")";
            case 36 -> "SELECT pg_advisory_unlock_all()";
            case 37 -> "DECLARE c CURSOR WITH HOLD FOR SELECT 1";
            case 38 -> "CLOSE c";
            case 39 -> "SELECT set_config('app.' || 'tenant_id', '11', false)";
            default -> block ? "SELECT 3" : "DISCARD TEMP";
        };
    }

    /**
     * All that a session sees of its state; of its settings those that are not as built in, so that
     * the others are known too. A setting of an unknown prefix stays defined, and empty, where it
     * has once been set, and nothing undoes that: it counts as absent.
     */
    static List<String> state(Connection connection) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT line FROM public.state ORDER BY 1")) {
            while (rows.next()) {
                lines.add(rows.getString(1));
            }
        }
        return lines;
    }
}
