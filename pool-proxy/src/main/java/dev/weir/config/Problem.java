package dev.weir.config;

/**
 * One mistake in a configuration file.
 *
 * @param source the file
 * @param line from 1; 0 if it is not about one line
 * @param message what is wrong and what was expected; never a secret
 */
public record Problem(String source, int line, String message) {
    /** As in a compiler's message: {@code weir.yaml:3: …}. */
    @Override
    public String toString() {
        return line == 0 ? source + ": " + message : source + ":" + line + ": " + message;
    }
}
