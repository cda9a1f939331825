package dev.weir.config;

import static dev.weir.config.Key.Change.RELOAD;

import dev.weir.classify.Route;
import dev.weir.freshness.MaxLag;

/** The part of the key table that is about one user. */
final class UserKeys {
    static final Group<UserConfig> USER = new Group<>("A user");

    static final Key<UserConfig, Secret> USER_PASSWORD =
            USER.optional(
                    "password",
                    Types.secret(),
                    RELOAD,
                    UserConfig::password,
                    "What the client must prove: the password, or what PostgreSQL stores of it"
                            + " (SCRAM-SHA-256$… or md5…).");
    static final Key<UserConfig, String> USER_PASSWORD_FILE =
            USER.optional(
                    "password-file",
                    Types.text("the path of a file"),
                    RELOAD,
                    null,
                    "A file whose first line is that.");
    static final Key<UserConfig, Secret> SERVER_PASSWORD =
            USER.optional(
                    "server-password",
                    Types.secret(),
                    RELOAD,
                    UserConfig::serverPassword,
                    "What Weir shows to PostgreSQL for this user; without it the password, if that"
                            + " is one.");
    static final Key<UserConfig, String> SERVER_PASSWORD_FILE =
            USER.optional(
                    "server-password-file",
                    Types.text("the path of a file"),
                    RELOAD,
                    null,
                    "A file whose first line is that.");
    static final Key<UserConfig, Boolean> USER_READ_ONLY =
            USER.optional(
                    "read-only",
                    Types.flag(),
                    RELOAD,
                    user -> user.readOnly() ? true : null,
                    "Whether this user's sessions cannot write, whatever they say: replicas answer"
                            + " them.");
    static final Key<UserConfig, Route> USER_ROUTE =
            USER.optional(
                    "route",
                    Types.route(),
                    RELOAD,
                    user -> user.routing().route(),
                    "Where this user's sessions want to be answered, instead of what the database"
                            + " says.");
    static final Key<UserConfig, MaxLag> USER_MAX_LAG =
            USER.optional(
                    "max-lag",
                    Types.maxLag(),
                    RELOAD,
                    user -> user.routing().maxLag(),
                    "How far a replica may be behind at most to answer this user's sessions, instead"
                            + " of what the database says.");

    private UserKeys() {}
}
