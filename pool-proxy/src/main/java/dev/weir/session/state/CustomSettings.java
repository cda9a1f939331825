package dev.weir.session.state;

import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of the custom settings, such as {@code app.tenant_id}, that the clients of a Weir
 * process set. No view of PostgreSQL's lists them, so each must be asked for by its name. Any
 * thread may use it.
 */
public final class CustomSettings {
    /** More than any application has; what comes on top is followed no more, see {@link #full}. */
    private static final int MAX = 500;

    private static final int MAX_NAME = 255;
    private static final String IDENTIFIER = "[a-z_\\x80-\\uffff][\\w$\\x80-\\uffff]*";
    private static final String DOTTED = IDENTIFIER + "(?:\\." + IDENTIFIER + ")+";
    private static final Pattern NAME = Pattern.compile(DOTTED);
    private static final Pattern SET_IN_CODE =
            Pattern.compile(
                    "set_config\\s*\\(\\s*'(%s)'|\\bset\\s+(?:session\\s+)?(%s)"
                            .formatted(DOTTED, DOTTED));

    private final Set<String> names = ConcurrentHashMap.newKeySet();

    /** Adds a name, unless PostgreSQL would not take it. */
    void add(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.length() <= MAX_NAME && !full() && NAME.matcher(lower).matches()) {
            names.add(lower);
        }
    }

    /** Adds what a piece of code sets. */
    void mentionedIn(String code) {
        Matcher matcher = SET_IN_CODE.matcher(code.toLowerCase(Locale.ROOT));
        while (matcher.find()) {
            add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
        }
    }

    /** Whether names may have been left out, so that only a reset is sure. */
    boolean full() {
        return names.size() >= MAX;
    }

    Set<String> names() {
        return names;
    }
}
