package dev.weir.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;

class LocalPostgresIT {
    @Test
    void startsAndAnswersSqlThenLeavesNoProcessAndNoFile() throws Exception {
        Path scratch;
        List<Long> pids;
        try (LocalPostgres postgres = LocalPostgres.builder().start()) {
            Credentials app = postgres.createRole("app", "it's");
            postgres.createDatabase("shop", "app");
            assertThat(one(postgres.jdbcUrl("shop", app), "SELECT current_user")).isEqualTo("app");
            scratch = postgres.socketFolder().getParent();
            pids = postgres.pids();
            assertThat(pids).hasSizeGreaterThan(3).allMatch(LocalPostgresIT::alive);
            assertThat(Files.exists(scratch)).isTrue();
        }
        assertThat(pids).noneMatch(LocalPostgresIT::alive);
        assertThat(Files.exists(scratch)).isFalse();
    }

    private static boolean alive(long pid) {
        return ProcessIdentity.of(pid).isPresent();
    }

    private static String one(String url, String sql) throws Exception {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
