package dev.weir.session;

import dev.weir.server.SessionState;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The run-time settings in a startup packet: PostgreSQL takes any, also within {@code options}
 * (manual section 54.7, libpq 34.1.2).
 */
final class StartupSettings {
    /** The parameters that are not settings. */
    private static final String USER = "user";

    private static final String DATABASE = "database";
    private static final String OPTIONS = "options";
    private static final String REPLICATION = "replication";

    /** Reserved for protocol extensions. */
    static final String EXTENSION_PREFIX = "_pq_.";

    private StartupSettings() {}

    /**
     * Reads the settings.
     *
     * @throws ProtocolException if one cannot be honoured
     */
    static SessionState read(Map<String, String> parameters) throws ProtocolException {
        Map<String, String> settings = new HashMap<>();
        String options = parameters.get(OPTIONS);
        if (options != null) {
            readOptions(options, settings);
        }
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            String name = parameter.getKey();
            switch (name) {
                case USER, DATABASE, OPTIONS -> {}
                case REPLICATION -> refuseReplication(parameter.getValue());
                default -> {
                    if (!name.startsWith(EXTENSION_PREFIX)) {
                        settings.put(name.toLowerCase(Locale.ROOT), parameter.getValue());
                    }
                }
            }
        }
        return settings.isEmpty() ? SessionState.DEFAULTS : SessionState.of(settings);
    }

    private static void refuseReplication(String value) throws ProtocolException {
        switch (value.toLowerCase(Locale.ROOT)) {
            case "false", "off", "no", "0" -> {}
            default ->
                    throw new ProtocolException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "replication connections cannot be pooled; connect to PostgreSQL directly");
        }
    }

    private static void readOptions(String options, Map<String, String> settings)
            throws ProtocolException {
        List<String> words = split(options);
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            String assignment;
            if (word.equals("-c") && i + 1 < words.size()) {
                assignment = words.get(++i);
            } else if (word.startsWith("-c")) {
                assignment = word.substring(2);
            } else if (word.startsWith("--")) {
                assignment = word.substring(2);
            } else {
                assignment = "";
            }
            int equals = assignment.indexOf('=');
            if (equals <= 0) {
                throw new ProtocolException(
                        SqlState.FEATURE_NOT_SUPPORTED,
                        "startup options may set parameters (-c name=value or --name=value) and nothing else; found \"%s\""
                                .formatted(word));
            }
            settings.put(
                    assignment.substring(0, equals).replace('-', '_').toLowerCase(Locale.ROOT),
                    assignment.substring(equals + 1));
        }
    }

    /** Splits at white space; a backslash makes the next character part of a word. */
    private static List<String> split(String options) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        for (int i = 0; i < options.length(); i++) {
            char c = options.charAt(i);
            if (c == '\\' && i + 1 < options.length()) {
                word.append(options.charAt(++i));
                inWord = true;
            } else if (!Character.isWhitespace(c)) {
                word.append(c);
                inWord = true;
            } else if (inWord) {
                words.add(word.toString());
                word.setLength(0);
                inWord = false;
            }
        }
        if (inWord) {
            words.add(word.toString());
        }
        return words;
    }
}
