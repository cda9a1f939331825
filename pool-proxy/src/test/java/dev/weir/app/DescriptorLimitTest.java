package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.config.ConfigException;
import dev.weir.config.ConfigFile;
import dev.weir.config.WeirConfig;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;

/** Whether the operator hears that the kernel will not give what was promised. */
class DescriptorLimitTest {
    private static final String LIMITS =
            """
            Limit                     Soft Limit           Hard Limit           Units
            Max cpu time              unlimited            unlimited            seconds
            Max open files            %s                 524288               files
            Max locked memory         8388608              8388608              bytes
            """;

    @Test
    void theSoftLimitCounts() throws IOException {
        assertThat(DescriptorLimit.softLimit(LIMITS.formatted("1024"))).isEqualTo(1024);
        assertThat(DescriptorLimit.softLimit(LIMITS.formatted("unlimited")))
                .isEqualTo(Long.MAX_VALUE);
        assertThatThrownBy(() -> DescriptorLimit.softLimit("nothing of that"))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @CsvSource({
        // clients, pool size, limit, how many clients fit (nothing to warn of: none)
        "1000, 20, 1170,",
        "1000, 20, 1169, 999",
        "1000, 20, 1024, 854",
        // As many server connections as clients, and no more.
        "1000, 5000, 2150,",
        "1000, 5000, 2149, 999",
        "1000, 5000, 350, 100",
        "1000, 20, 100, 0",
    })
    void theWarningNamesTheNumberThatFits(int clients, int poolSize, long limit, Integer fits)
            throws ConfigException {
        String warning = DescriptorLimit.warning(config(clients, poolSize), limit);

        if (fits == null) {
            assertThat(warning).isNull();
        } else {
            assertThat(warning)
                    .startsWith("max-client-conn (" + clients + ") ")
                    .contains("the limit of " + limit + " open files")
                    .contains("about " + fits + " client connections do.");
        }
    }

    @Test
    void everyPairOfDatabaseAndUserHasItsServerConnections() throws ConfigException {
        WeirConfig config =
                ConfigFile.parse(
                        """
                        max-client-conn: 1000
                        databases:
                          a: { host: h, default-pool-size: 10 }
                          b: { host: h, default-pool-size: 20, reserve-pool-size: 5 }
                        users:
                          app: { password: x }
                          report: { password: x, default-pool-size: 1 }
                        """,
                        "test");

        // (10 + 1) + (25 + 6)
        assertThat(DescriptorLimit.warning(config, 1)).contains("up to 42 server connections");
    }

    private static WeirConfig config(int clients, int poolSize) throws ConfigException {
        return ConfigFile.parse(
                """
                auth-type: trust
                max-client-conn: %d
                default-pool-size: %d
                databases: { a: { host: h } }
                """
                        .formatted(clients, poolSize),
                "test");
    }
}
