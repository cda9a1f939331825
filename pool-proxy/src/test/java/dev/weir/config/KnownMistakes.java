package dev.weir.config;

import org.junit.jupiter.params.provider.Arguments;

import java.util.stream.Stream;

/** Files with a mistake, its line, and the message. */
final class KnownMistakes {
    static final String REST =
            """
            databases:
              shop: { host: 127.0.0.1 }
            users:
              app: { password: secret-of-app }
            """;

    private KnownMistakes() {}

    static Stream<Arguments> all() {
        return Stream.of(
                        FormMistakes.all(),
                        ValueMistakes.all(),
                        SettingMistakes.all(),
                        ReplicaMistakes.all(),
                        SecretMistakes.all())
                .flatMap(it -> it);
    }

    static Arguments at(String text, int line, String message) {
        return Arguments.of(text, line, message);
    }

    /** A file with one database whose first key is at line 2. */
    static String entry(String keys) {
        return "databases:\n  shop: { %s }\nusers:\n  app: { password: secret-of-app }\n"
                .formatted(keys);
    }
}
