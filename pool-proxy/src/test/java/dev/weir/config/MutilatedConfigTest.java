package dev.weir.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.Random;

/** Files as editors, templates and accidents leave them. */
class MutilatedConfigTest {
    private static final int ROUNDS = Integer.getInteger("weir.rounds", 4_000);
    private static final String ODD = "\t\n :-{}[]&*!|>'\"%@`#,?~$\\\0\u00e9\ud83d\ude00ax0";

    /** Full of what no key has: letters alone in the place of a key would be shown. */
    private static final String SECRET = "h/u/n/t/e/r/2";

    private static final String NEVER_SHOWN = "u/n/t";
    private static final String WHOLE =
            """
            listen-port: 6432
            pool-mode: transaction
            databases:
              shop: { host: 127.0.0.1, user: "u", password: %1$s }
              "*":
                host: db.example.com
                default-pool-size: 5
            users:
              app:
                password: %1$s
                server-password: '%1$s'
            """
                    .formatted(SECRET);

    @Test
    void everyMutilatedFileIsReadOrRefusedWithLinesAndWithoutSecrets() {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        System.out.println("MutilatedConfigTest: -Dweir.seed=" + seed);
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < ROUNDS; i++) {
            String text = mutilated(random);
            try {
                new ConfigReader("f", Path.of("/nowhere"), new Variables(_ -> null)).read(text);
            } catch (ConfigException e) {
                refused++;
                long lines = text.lines().count() + 1;
                assertThat(e.problems())
                        .isNotEmpty()
                        .allSatisfy(problem -> {
                            assertThat(problem.line()).isBetween(0, (int) lines);
                            assertThat(problem.message())
                                    .isNotBlank()
                                    .doesNotContain("\n", NEVER_SHOWN);
                        });
            } catch (RuntimeException | StackOverflowError e) {
                fail("seed " + seed + ", this text:\n" + text, e);
            }
        }
        assertThat(refused).isGreaterThan(ROUNDS / 4);
    }

    /**
     * With one to four things done to it, outside of the secrets, which would be keys or hosts
     * then.
     */
    private static String mutilated(Random random) {
        StringBuilder text = new StringBuilder(WHOLE);
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(4)) {
                case 0 -> text.insert(at, ODD.charAt(random.nextInt(ODD.length())));
                case 1 -> text.deleteCharAt(at);
                case 2 -> text.setCharAt(at, ODD.charAt(random.nextInt(ODD.length())));
                default -> {
                    int end = Math.min(text.length(), at + random.nextInt(30));
                    String again = text.substring(at, end);
                    // A secret copied to another key would be that key's value.
                    text.insert(at, again.contains("/") ? "" : again);
                }
            }
        }
        return text.toString();
    }
}
