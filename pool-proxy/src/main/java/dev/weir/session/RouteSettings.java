package dev.weir.session;

import dev.weir.classify.Route;
import dev.weir.config.RouteConfig;
import dev.weir.freshness.FloorToken;
import dev.weir.freshness.MaxLag;
import dev.weir.sql.Lexer;
import dev.weir.sql.TokenKind;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.util.Locale;
import java.util.Map;

/**
 * The settings whose names begin with {@code weir.}: PostgreSQL keeps them as it keeps all custom
 * settings, and Weir reads what a session has made of them.
 *
 * @param route where the session wants to be answered
 * @param maxLag how far a replica may be behind at most
 */
record RouteSettings(Route route, MaxLag maxLag) {
    static final String ROUTE = "weir.route";
    static final String MAX_LAG = "weir.max_lag";
    static final String FLOOR = "weir.floor";

    private static final String PREFIX = "weir.";

    /** Looking on is not worth while: who mentions a setting does so early. */
    private static final int FAR = 8 * 1024;

    /** What a user's sessions begin with. */
    static RouteSettings of(RouteConfig user, RouteConfig database) {
        Route route = user.route() != null ? user.route() : database.route();
        MaxLag maxLag = user.maxLag() != null ? user.maxLag() : database.maxLag();
        return new RouteSettings(
                route == null ? Route.AUTO : route, maxLag == null ? MaxLag.OFF : maxLag);
    }

    /**
     * These, where a session does not say otherwise. What it says and nobody can read, by a way
     * that no text shows, is taken for the careful thing.
     */
    RouteSettings with(Map<String, String> settings) {
        String ownRoute = settings.getOrDefault(ROUTE, "");
        String ownLag = settings.getOrDefault(MAX_LAG, "");
        if (ownRoute.isEmpty() && ownLag.isEmpty()) {
            return this;
        }
        Route asked = Route.of(ownRoute);
        MaxLag most = MaxLag.parse(ownLag);
        boolean readable =
                (asked != null || ownRoute.isEmpty()) && (most != null || ownLag.isEmpty());
        return new RouteSettings(
                readable ? asked == null ? route : asked : Route.PRIMARY,
                most == null ? maxLag : most);
    }

    /** As settings. */
    Map<String, String> values() {
        return Map.of(ROUTE, route.name().toLowerCase(Locale.ROOT), MAX_LAG, maxLag.toString());
    }

    // ---- what clients write ----

    /** Whether the bytes mention a setting of Weir's. */
    static boolean mentioned(ByteBuf in, int from, int to) {
        return mentioned(in, from, to, false);
    }

    /** Whether they mention {@link #FLOOR}. */
    static boolean floorMentioned(ByteBuf in, int from, int to) {
        return mentioned(in, from, to, true);
    }

    private static boolean mentioned(ByteBuf in, int from, int to, boolean floor) {
        int end = Math.min(to, from + FAR);
        // Perf: of the five characters the dot is the rarest.
        int dot = in.indexOf(from, end, (byte) '.');
        while (dot >= 0 && dot < end - 1) {
            int at = dot - PREFIX.length() + 1;
            if (at >= from
                    && (in.getByte(at) | 0x20) == 'w'
                    && (in.getByte(at + 1) | 0x20) == 'e'
                    && (in.getByte(at + 2) | 0x20) == 'i'
                    && (in.getByte(at + 3) | 0x20) == 'r'
                    && (!floor || (in.getByte(dot + 1) | 0x20) == 'f')) {
                return true;
            }
            dot = in.indexOf(dot + 1, end, (byte) '.');
        }
        return false;
    }

    /**
     * What is wrong with a text that sets one of them; null if nothing is, or it does something
     * else.
     */
    static @Nullable String mistake(byte[] text) {
        Lexer lexer = new Lexer(text);
        lexer.next();
        if (!lexer.is("set")) {
            return null;
        }
        lexer.next();
        if (lexer.is("session") || lexer.is("local")) {
            lexer.next();
        }
        if (!lexer.name().equals("weir") || lexer.next() != TokenKind.DOT) {
            return null;
        }
        lexer.next();
        String name = PREFIX + lexer.name();
        lexer.next();
        lexer.next();
        boolean string = lexer.kind() == TokenKind.STRING && lexer.text().startsWith("'");
        if (!string && (lexer.kind() != TokenKind.WORD || lexer.is("default"))) {
            return known(name) ? null : unknown(name);
        }
        String value = string ? lexer.text().substring(1, lexer.text().length() - 1) : lexer.name();
        return mistake(name, value);
    }

    /** Refuses what a startup packet says. */
    static void check(Map<String, String> settings) throws ProtocolException {
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            String mistake =
                    setting.getKey().startsWith(PREFIX)
                            ? mistake(setting.getKey(), setting.getValue())
                            : null;
            if (mistake != null) {
                throw new ProtocolException(SqlState.INVALID_PARAMETER_VALUE, mistake);
            }
        }
    }

    private static boolean known(String name) {
        return name.equals(ROUTE) || name.equals(MAX_LAG) || name.equals(FLOOR);
    }

    private static @Nullable String mistake(String name, String value) {
        return switch (name) {
            case ROUTE ->
                    Route.of(value) == null
                            ? invalid(name, value, "auto, primary or replica")
                            : null;
            case MAX_LAG ->
                    MaxLag.parse(value) == null ? invalid(name, value, MaxLag.EXPECTED) : null;
            case FLOOR ->
                    FloorToken.parse(value) == null
                            ? invalid(
                                    name,
                                    value,
                                    "what SHOW weir.floor has told, such as 1:0/3A4F5B8")
                            : null;
            default -> unknown(name);
        };
    }

    private static String invalid(String name, String value, String expected) {
        return "invalid value for parameter \"%s\": \"%s\"; expected %s"
                .formatted(name, value, expected);
    }

    private static String unknown(String name) {
        return "Weir has no setting \"%s\"; there are %s, %s and %s"
                .formatted(name, ROUTE, MAX_LAG, FLOOR);
    }
}
