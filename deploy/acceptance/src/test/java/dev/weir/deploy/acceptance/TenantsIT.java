package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many tenants of one database user, who must never meet each other's rows. */
final class TenantsIT {
    private static final int TENANTS = 200;
    private static final int SERVER_CONNECTIONS = 10;
    private static final int ROUNDS = 60;

    private static LocalPostgres postgres;
    private static Weir weir;

    @BeforeAll
    static void start() throws IOException {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.execute("CREATE ROLE app LOGIN");
        postgres.createDatabase("tenants", "app");
        postgres.execute(
                "tenants",
                """
                CREATE TABLE public.secrets (tenant int, secret text);
                INSERT INTO public.secrets SELECT g %% %1$d, 'secret of ' || g %% %1$d FROM generate_series(0, %1$d * 3 - 1) g;
                ALTER TABLE public.secrets ENABLE ROW LEVEL SECURITY;
                CREATE POLICY own ON public.secrets USING (tenant = current_setting('app.tenant_id', true)::int);
                GRANT SELECT ON public.secrets TO app;
                DO $$ BEGIN FOR i IN 0..%1$d - 1 LOOP
                EXECUTE format('CREATE SCHEMA t%%s', i);
                EXECUTE format('CREATE TABLE t%%s.whose AS SELECT %%s AS tenant', i, i);
                EXECUTE format('GRANT USAGE ON SCHEMA t%%s TO app', i);
                EXECUTE format('GRANT SELECT ON t%%s.whose TO app', i);
                END LOOP; END $$;
                """
                        .formatted(TENANTS));
        weir =
                Proxy.inFrontOf(postgres.port())
                        .poolSize(SERVER_CONNECTIONS)
                        .maxPreparedStatements(50)
                        .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        postgres.close();
    }

    @Test
    void noTenantMeetsAnothersRows() throws InterruptedException, ExecutionException {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        System.out.printf("tenants: -Dweir.seed=%d%n", seed);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < TENANTS; i++) {
                int tenant = i;
                all.add(threads.submit(() -> live(tenant, new Random(seed + tenant))));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    private static Void live(int tenant, Random random) throws SQLException {
        boolean atLogin = random.nextBoolean();
        String url =
                "jdbc:postgresql://127.0.0.1:%d/tenants?user=app&prepareThreshold=2"
                        .formatted(weir.port());
        if (atLogin) {
            url +=
                    "&options=-c%%20app.tenant_id=%d%%20-c%%20search_path=t%d"
                            .formatted(tenant, tenant);
        }
        try (Connection connection = DriverManager.getConnection(url)) {
            if (!atLogin) {
                become(connection, tenant, random);
            }
            try (PreparedStatement whose =
                            connection.prepareStatement("SELECT tenant FROM whose WHERE 1 = ?");
                    PreparedStatement secrets =
                            connection.prepareStatement(
                                    "SELECT tenant FROM public.secrets WHERE 1 = ?")) {
                for (int round = 0; round < ROUNDS; round++) {
                    if (random.nextInt(10) == 0) {
                        intrude(connection, tenant, random);
                    }
                    assertThat(tenants(whose)).containsExactly(tenant);
                    assertThat(tenants(secrets)).hasSize(3).containsOnly(tenant);
                }
            }
        }
        return null;
    }

    /** As an application does once, when it takes the connection for a tenant. */
    private static void become(Connection connection, int tenant, Random random)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (random.nextBoolean()) {
                statement.execute("SET search_path TO t" + tenant);
                statement.execute("SET app.tenant_id = '" + tenant + "'");
            } else {
                statement.execute("SELECT set_config('search_path', 't" + tenant + "', false)");
                try (PreparedStatement set =
                        connection.prepareStatement("SELECT set_config(?, ?, false)")) {
                    set.setString(1, "app.tenant_id");
                    set.setString(2, String.valueOf(tenant));
                    set.execute();
                }
            }
        }
    }

    /** Is somebody else for one transaction, by each of the ways that end with it. */
    private static void intrude(Connection connection, int tenant, Random random)
            throws SQLException {
        int other = (tenant + 1 + random.nextInt(TENANTS - 1)) % TENANTS;
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            boolean local = random.nextBoolean();
            statement.execute((local ? "SET LOCAL" : "SET") + " app.tenant_id = '" + other + "'");
            statement.execute("SET LOCAL search_path TO t" + other);
            try (ResultSet rows = statement.executeQuery("SELECT tenant FROM whose")) {
                rows.next();
                assertThat(rows.getInt(1)).isEqualTo(other);
            }
            if (local) {
                connection.commit();
            } else {
                connection.rollback();
            }
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private static List<Integer> tenants(PreparedStatement statement) throws SQLException {
        statement.setInt(1, 1);
        List<Integer> tenants = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                tenants.add(rows.getInt(1));
            }
        }
        return tenants;
    }
}
