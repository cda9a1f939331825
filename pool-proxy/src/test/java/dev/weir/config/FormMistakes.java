package dev.weir.config;

import static dev.weir.config.KnownMistakes.REST;
import static dev.weir.config.KnownMistakes.at;
import static dev.weir.config.KnownMistakes.entry;

import org.junit.jupiter.params.provider.Arguments;

import java.util.stream.Stream;

/** Keys in the wrong place or of the wrong kind, and text that is no YAML. */
final class FormMistakes {
    private FormMistakes() {}

    static Stream<Arguments> all() {
        return Stream.of(
                // keys
                at(
                        "default-pol-size: 5\n" + REST,
                        1,
                        "unknown key `default-pol-size`; did you mean `default-pool-size`?"),
                at(
                        "listen_port: 5\n" + REST,
                        1,
                        "unknown key `listen_port`; did you mean `listen-port`?"),
                at(
                        "Listen-Port: 5\n" + REST,
                        1,
                        "unknown key `Listen-Port`; did you mean `listen-port`?"),
                at("usres: {}\n" + REST, 1, "unknown key `usres`; did you mean `users`?"),
                at(
                        "colour: red\n" + REST,
                        1,
                        "unknown key `colour`; expected one of those that `weir init -` lists"),
                at(entry("hots: x"), 2, "unknown key `hots`; did you mean `host`?"),
                at(
                        entry("listen-port: 5"),
                        2,
                        "`listen-port` does not belong to a database; expected it at the top level"),
                at(
                        "host: x\n" + REST,
                        1,
                        "`host` does not belong to the top level; expected it in a database"),
                at(
                        "password: hunter2\n" + REST,
                        1,
                        "`password` does not belong to the top level; expected it in a database or in a user"),
                at(
                        "listen-port: 1\nlisten-port: 2\n" + REST,
                        2,
                        "`listen-port` is named a second time; expected it only once (line 1)"),
                at(
                        REST + "  app: { password: hunter2 }\n",
                        5,
                        "`app` is named a second time; expected it only once (line 4)"),
                at(
                        "<<: { listen-port: 1 }\n" + REST,
                        1,
                        "unknown key `<<`; expected one of those that `weir init -` lists"),
                at("? [a, b]\n: 1\n" + REST, 1, "a key is a list; expected a name"),

                // node types
                at(
                        "listen-port: [1]\n" + REST,
                        1,
                        "`listen-port` is a list; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: { a: 1 }\n" + REST,
                        1,
                        "`listen-port` is a map; expected a whole number from 0 to 65535"),
                at(
                        "listen-port:\n" + REST,
                        1,
                        "`listen-port` has no value; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: !x 5\n" + REST,
                        1,
                        "`listen-port` is a value with a tag (!); expected a whole number from 0 to 65535"),
                at(
                        "databases: [shop]\nusers: { a: { password: b } }\n",
                        1,
                        "`databases` is a list; expected `key: value` lines, indented below it"),
                at(
                        "databases: { shop: here }\nusers: { a: { password: b } }\n",
                        1,
                        "`shop` is a single value; expected `key: value` lines, indented below it"),
                at(
                        "- a\n",
                        1,
                        "the configuration is a list; expected `key: value` lines, indented below it"),
                at(
                        "hunter2\n",
                        1,
                        "the configuration is a single value; expected `key: value` lines, indented below it"),

                // YAML
                at(
                        "listen-port: 1\n\tlisten-backlog: 2\n",
                        2,
                        "a tab stands where YAML allows only spaces; indent with spaces"),
                at(
                        "users:\n  app: { password: *hunter2 }\n",
                        2,
                        "a value or name that begins with * must be in quotes; expected e.g. \"*\":"),
                at(
                        "databases:\n  *: { host: x }\n",
                        2,
                        "a value or name that begins with * must be in quotes; expected e.g. \"*\":"),
                at(
                        "users:\n  app: { password: @hunter2 }\n",
                        2,
                        "a value that begins with one of @ ` % must be in quotes"),
                at(
                        "users:\n  app: { password: &a!hunter2 }\n",
                        2,
                        "a value that begins with & must be in quotes"),
                at(
                        "users:\n  app: { password: !h!unter2 x }\n",
                        2,
                        "a value that begins with ! must be in quotes"),
                at(
                        "users:\n  app: { password: 'hunter2 }\n",
                        2,
                        "a quote is opened and not closed"),
                at(
                        "users:\n  app: { password: \"hunter2\\q\" }\n",
                        2,
                        "a backslash in \"…\" begins an escape that YAML does not know; use '…'"),
                at(
                        "users:\n  app: { password: hunter2\n",
                        2,
                        "a { or [ is opened and not closed, or a comma is missing; expected e.g. { host: 127.0.0.1, port: 5432 }"),
                at(
                        "users:\n  app:\n    password: hunter2: x\n",
                        3,
                        "\": \" stands inside of a value, or the line above is incomplete or indented differently; expected one `key: value` in a line, and quotes around a value with \": \" in it"),
                at(
                        "users:\n  app:\n   password: hunter2\n  hunter2\n",
                        4,
                        "this is no `key: value`; expected a colon and a space after the key"),
                at(
                        "users:\n    app: {}\n  b: {}\n",
                        3,
                        "this line is not indented like its neighbours; expected the same number of spaces before each key of a place"),
                at(REST + "---\na: b\n", 5, "a second document begins here; expected only one"),
                at(
                        "a: b\nc: \"\u0001\"\n",
                        2,
                        "holds a character (U+0001) that YAML does not allow; expected printable text"),
                at(
                        "a: " + "[".repeat(50) + "]".repeat(50) + "\n",
                        0,
                        "is longer or deeper than a configuration may be; expected at most 4194304 characters and 20 levels"),
                at("", 0, "there is nothing in it; expected `databases:` at least"),
                at(
                        "# only a comment\n",
                        0,
                        "there is nothing in it; expected `databases:` at least"));
    }
}
