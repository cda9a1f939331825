package dev.weir.config;

import static dev.weir.config.KnownMistakes.REST;
import static dev.weir.config.KnownMistakes.at;
import static dev.weir.config.KnownMistakes.entry;

import org.junit.jupiter.params.provider.Arguments;

import java.util.stream.Stream;

/** Mistakes beside secrets, and in the files that hold them. */
final class SecretMistakes {
    private SecretMistakes() {}

    static Stream<Arguments> all() {
        return Stream.of(
                // secrets in a file
                at(
                        entry("host: x, user: u, password-file: /no/such/file"),
                        2,
                        "`password-file`: the file /no/such/file does not exist; expected a readable file with the password in its first line"),
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app:\n    password-file: /\n",
                        5,
                        "`password-file`: the file / is a folder; expected a readable file with the password in its first line"),
                at(
                        REST + "  b:\n    password: x\n    server-password-file: /no/such/file\n",
                        7,
                        "`server-password-file`: the file /no/such/file does not exist; expected a readable file with the password in its first line"),

                // secrets of a wrong form stay unsaid
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app: { password: [hunter2] }\n",
                        4,
                        "`password` is a list; expected a password"),
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app: { password: '' }\n",
                        4,
                        "`password`: the value is empty; expected a password"),
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app: { pasword: hunter2, password: x }\n",
                        4,
                        "unknown key `pasword`; did you mean `password`?"),
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app: {password:hunter2}\n",
                        4,
                        "there is no space after `password:`; expected `password: …`"),
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app: { password: one,hunter2 }\n",
                        4,
                        "something that is no key stands in the place of one; expected `key: value`, and quotes around a value with odd characters in it"),
                at(
                        "users:\n  password:hunter2: {}\n",
                        2,
                        "user `password…` has no `password`; expected one, as `auth-type` is scram-sha-256"),
                at(
                        entry("host: 'x, password hunter2'"),
                        2,
                        "`host`: the value contains characters that are not allowed here; expected an IP address, a host name, or the folder of a Unix-domain socket"));
    }
}
