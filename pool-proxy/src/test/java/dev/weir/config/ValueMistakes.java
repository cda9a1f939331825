package dev.weir.config;

import static dev.weir.config.KnownMistakes.REST;
import static dev.weir.config.KnownMistakes.at;
import static dev.weir.config.KnownMistakes.entry;

import org.junit.jupiter.params.provider.Arguments;

import java.util.stream.Stream;

/** Values that cannot be read: numbers, units, choices, texts, variables. */
final class ValueMistakes {
    private ValueMistakes() {}

    static Stream<Arguments> all() {
        return Stream.of(
                // numbers
                at(
                        "listen-port: many\n" + REST,
                        1,
                        "`listen-port`: `many` is not a whole number; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: 70000\n" + REST,
                        1,
                        "`listen-port`: `70000` is too large; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: -1\n" + REST,
                        1,
                        "`listen-port`: `-1` is too small; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: 99999999999999999999999\n" + REST,
                        1,
                        "`listen-port`: `99999999999999999999999` is too large; expected a whole number from 0 to 65535"),
                at(
                        "default-pool-size: 0\n" + REST,
                        1,
                        "`default-pool-size`: `0` is too small; expected a whole number from 1 to 1000000"),
                at(
                        "listen-port: 5432s\n" + REST,
                        1,
                        "`listen-port`: `5432s` is not a whole number; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: ''\n" + REST,
                        1,
                        "`listen-port`: the value is not a whole number; expected a whole number from 0 to 65535"),

                // units
                at(
                        "server-lifetime: 30\n" + REST,
                        1,
                        "`server-lifetime`: `30` has no unit; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-lifetime: 30 minutes\n" + REST,
                        1,
                        "`server-lifetime`: `30 minutes` has a unit that is not known here; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-lifetime: 30MiB\n" + REST,
                        1,
                        "`server-lifetime`: `30MiB` has a unit that is not known here; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-lifetime: 1.5h\n" + REST,
                        1,
                        "`server-lifetime`: `1.5h` has a unit that is not known here; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-lifetime: soon\n" + REST,
                        1,
                        "`server-lifetime`: `soon` is not a whole number with a unit; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-lifetime: 366d\n" + REST,
                        1,
                        "`server-lifetime`: `366d` is too large; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-lifetime: 9223372036854775807d\n" + REST,
                        1,
                        "`server-lifetime`: `9223372036854775807d` is too large; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-lifetime: 99999999999999999999d\n" + REST,
                        1,
                        "`server-lifetime`: `99999999999999999999d` is too large; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-connect-timeout: 0\n" + REST,
                        1,
                        "`server-connect-timeout`: `0` is too small; expected a duration from 1ms to 1d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "max-message-size: 16777216\n" + REST,
                        1,
                        "`max-message-size`: `16777216` has no unit; expected a size from 1KiB to 1GiB, such as 64KiB (units: B, KiB, MiB, GiB)"),
                at(
                        "max-message-size: 16MB\n" + REST,
                        1,
                        "`max-message-size`: `16MB` has a unit that is not known here; expected a size from 1KiB to 1GiB, such as 64KiB (units: B, KiB, MiB, GiB)"),
                at(
                        "max-message-size: 2GiB\n" + REST,
                        1,
                        "`max-message-size`: `2GiB` is too large; expected a size from 1KiB to 1GiB, such as 64KiB (units: B, KiB, MiB, GiB)"),

                // choices and texts
                at(
                        "pool-mode: transactions\n" + REST,
                        1,
                        "`pool-mode`: `transactions` is not one of the choices; expected one of session, transaction, statement"),
                at(
                        "auth-type: scram\n" + REST,
                        1,
                        "`auth-type`: `scram` is not one of the choices; expected one of trust, password, md5, scram-sha-256, cert, hba"),
                at(
                        entry("host: 'a b'"),
                        2,
                        "`host`: `a b` contains characters that are not allowed here; expected an IP address, a host name, or the folder of a Unix-domain socket"),
                at(
                        entry("host: ''"),
                        2,
                        "`host`: the value is empty; expected an IP address, a host name, or the folder of a Unix-domain socket"),
                at(
                        entry("host: x, user: \"a\\nb\""),
                        2,
                        "`user`: the value contains characters that are not allowed here; expected the name of a role"),

                // variables
                at(
                        "listen-port: ${WEIR_UNSET}\n" + REST,
                        1,
                        "`listen-port`: `${WEIR_UNSET}` refers to the environment variable WEIR_UNSET, which is not set; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: ${PASS}\n" + REST,
                        1,
                        "`listen-port`: the value of ${PASS} is not a whole number; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: ${\n" + REST,
                        1,
                        "`listen-port`: `${` has a ${ that no environment variable's name and } follow; expected ${NAME}, or $${ for the characters themselves; expected a whole number from 0 to 65535"));
    }
}
