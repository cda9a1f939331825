package dev.weir.config;

/**
 * A value that must not reach a log, a trace or a page: its text form is a mask.
 *
 * @param value the secret itself
 */
public record Secret(String value) {
    @Override
    public String toString() {
        return "********";
    }
}
