package dev.weir.deploy.bench;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long all clients of a row need to log in at one contender. pgbench counts that into its
 * {@code --time}, so that a thousand direct logins would eat up a whole round. Begins with a guess
 * and learns from each run; for one thread.
 */
final class LoginTime {
    private static final Pattern REPORTED =
            Pattern.compile("(?m)^initial connection time = ([0-9.]+) ms");

    private double millis;

    LoginTime(double guessMillis) {
        millis = guessMillis;
    }

    /** The whole seconds to give to pgbench, so that about {@code wanted} is left after logins. */
    int secondsFor(Duration wanted) {
        return (int) Math.max(1, Math.round((wanted.toMillis() + millis) / 1000));
    }

    /** Takes what pgbench has reported, if it has. */
    void learn(String output) {
        Matcher matcher = REPORTED.matcher(output);
        if (matcher.find()) {
            millis = Double.parseDouble(matcher.group(1));
        }
    }

    /** Nothing was left of the last run. */
    void tooShort() {
        millis = Math.max(1000, millis * 2);
    }

    /** What the next run will reckon with. */
    Duration expected() {
        return Duration.ofMillis(Math.round(millis));
    }
}
