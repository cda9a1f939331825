package dev.weir.admin;

import dev.weir.config.ConfigChange;
import dev.weir.config.ConfigException;

import java.util.List;
import java.util.Map;

/** What can be ordered for the whole of a running Weir. Any thread but a loop may call it. */
public interface Operations {
    /**
     * Reads the configuration again, and lets it count as far as a running process can.
     *
     * @param set values by key that go before those of the file
     * @return what has changed, and what would
     * @throws ConfigException if it cannot be used: then all stays as it is
     * @throws UnsupportedOperationException if the configuration did not come from where it can be
     *     read again
     */
    List<ConfigChange> reload(Map<String, String> set) throws ConfigException;

    /** Begins to end, and returns at once; a second call can only hasten it. */
    void shutdown(Shutdown mode);

    /** Whether the end has begun. */
    boolean isShuttingDown();
}
