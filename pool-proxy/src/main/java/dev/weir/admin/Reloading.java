package dev.weir.admin;

import dev.weir.config.ConfigChange;
import dev.weir.config.ConfigException;
import dev.weir.wire.SqlState;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * RELOAD and SET. What is set counts until the next RELOAD.
 *
 * @param operations who carries it out
 * @param set what has been set so far; guarded by itself
 * @param reload whether this is RELOAD
 */
record Reloading(Operations operations, Map<String, String> set, boolean reload)
        implements Command {
    /** The two of them. */
    static Map<String, Command> commands(Operations operations) {
        Map<String, String> set = new HashMap<>();
        return Map.of(
                "reload", new Reloading(operations, set, true),
                "set", new Reloading(operations, set, false));
    }

    @Override
    public Access access() {
        return Access.ORDER;
    }

    @Override
    public Answer run(List<ConsoleText.Word> arguments, BooleanSupplier abandoned)
            throws ConsoleException {
        synchronized (set) {
            Map<String, String> wanted = reload ? Map.of() : wanted(arguments);
            if (reload && !arguments.isEmpty()) {
                throw new ConsoleException(
                        SqlState.SYNTAX_ERROR, "nothing is expected behind RELOAD");
            }
            List<ConfigChange> changes = changes(wanted);
            set.clear();
            set.putAll(wanted);
            return Answer.done(
                    reload ? "RELOAD" : "SET",
                    changes.isEmpty()
                            ? "nothing has changed"
                            : changes.stream()
                                    .map(ConfigChange::toString)
                                    .collect(Collectors.joining("\n")));
        }
    }

    private Map<String, String> wanted(List<ConsoleText.Word> words) throws ConsoleException {
        boolean sign =
                words.size() > 1
                        && (words.get(1).text().equals("=") || words.get(1).lower().equals("to"));
        if (!sign) {
            throw new ConsoleException(
                    SqlState.SYNTAX_ERROR,
                    "expected SET key = value",
                    "SHOW CONFIG lists the keys.");
        }
        Map<String, String> wanted = new HashMap<>(set);
        wanted.put(
                // PgBouncer's names have underscores.
                words.getFirst().lower().replace('_', '-'),
                words.stream()
                        .skip(2)
                        .map(ConsoleText.Word::text)
                        .filter(word -> !word.equals(","))
                        .collect(Collectors.joining(",")));
        return wanted;
    }

    private List<ConfigChange> changes(Map<String, String> wanted) throws ConsoleException {
        try {
            return operations.reload(wanted);
        } catch (ConfigException e) {
            throw new ConsoleException(
                    reload ? SqlState.CONFIG_FILE_ERROR : SqlState.INVALID_PARAMETER_VALUE,
                    String.valueOf(e.getMessage()),
                    "All stays as it was.");
        } catch (UnsupportedOperationException e) {
            throw new ConsoleException(
                    SqlState.FEATURE_NOT_SUPPORTED, String.valueOf(e.getMessage()));
        }
    }
}
