package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;

/** Functions that keep state for the session that calls them, which no statement tells. */
class StatefulFunctionIT {
    private static final String TENANT = "SELECT current_setting('app.tenant', true)";
    private static final String PID = "SELECT pg_backend_pid()";

    private static LocalPostgres postgres;

    private Weir weir;

    @BeforeAll
    static void startPostgres() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
        postgres.execute(
                """
                CREATE SCHEMA tenants;
                GRANT ALL ON SCHEMA tenants TO app;
                CREATE FUNCTION tenants.log_in(text) RETURNS void LANGUAGE plpgsql AS
                $$BEGIN PERFORM set_config('app.tenant', $1, false); END$$;
                """);
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @BeforeEach
    void startWeir() throws IOException {
        weir = Proxy.inFrontOf(postgres.port()).poolSize(2).statefulFunctions("log_in").start();
    }

    @AfterEach
    void stopWeir() {
        weir.close();
    }

    private WireClient login() throws IOException {
        return WireClient.login(weir.port(), "app", "postgres");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT tenants.log_in('seven')",
                "select tenants . LOG_IN('seven')",
                "WITH x AS (SELECT tenants.\"log_in\"('seven')) SELECT * FROM x"
            })
    void whatAFunctionHasSetIsThereForItsCallerAndForNobodyElse(String call) throws IOException {
        try (WireClient other = login()) {
            String pid;
            try (WireClient caller = login()) {
                caller.query(call);
                assertThat(caller.readAnswer()).contains("ReadyForQuery(I)");
                pid = caller.one(PID);
                for (int i = 0; i < 5; i++) {
                    assertThat(other.one(TENANT)).isNotEqualTo("seven");
                    assertThat(other.one(PID)).isNotEqualTo(pid);
                    assertThat(caller.one(TENANT)).isEqualTo("seven");
                }
                caller.terminate();
            }
            for (int i = 0; i < 5; i++) {
                try (WireClient next = login()) {
                    assertThat(next.one(TENANT)).isNotEqualTo("seven");
                    assertThat(next.one(PID)).isNotEqualTo(pid);
                }
            }
        }
    }

    @Test
    void aPreparedStatementThatCallsItDoesTheSame() throws IOException {
        try (WireClient caller = login();
                WireClient other = login()) {
            caller.send(
                    Frontend.parse("call", "SELECT tenants.log_in($1)"),
                    Frontend.bind("", "call", "eight"),
                    Frontend.execute(""),
                    Frontend.sync());
            assertThat(caller.readAnswer()).contains("ReadyForQuery(I)");
            for (int i = 0; i < 5; i++) {
                assertThat(other.one(TENANT)).isNotEqualTo("eight");
                assertThat(caller.one(TENANT)).isEqualTo("eight");
            }
        }
    }
}
