package dev.weir.server;

import java.util.Map;
import java.util.TreeMap;

/**
 * The values that a server has reported by ParameterStatus (manual section 54.2.7). Immutable: a
 * change makes another set, so two sides that hold the same object agree.
 *
 * @param values by name
 */
public record ServerParameters(Map<String, String> values) {
    public static final ServerParameters NONE = new ServerParameters(Map.of());

    public ServerParameters {
        values = Map.copyOf(values);
    }

    /** This set after the server reported {@code name} as {@code value}. */
    public ServerParameters with(String name, String value) {
        if (value.equals(values.get(name))) {
            return this;
        }
        Map<String, String> changed = new TreeMap<>(values);
        changed.put(name, value);
        return new ServerParameters(changed);
    }
}
