package dev.weir.config;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Puts environment variables in the place of {@code ${NAME}}; a second dollar sign in front leaves
 * it as it is. A variable's value is only ever text: what looks like YAML or a variable in it does
 * nothing.
 */
final class Variables {
    /**
     * A value after it.
     *
     * @param text the value
     * @param names the variables that are in it
     */
    record Expanded(String text, Set<String> names) {}

    private final UnaryOperator<@Nullable String> environment;

    /**
     * Variables of an environment.
     *
     * @param environment null for what is not set
     */
    Variables(UnaryOperator<@Nullable String> environment) {
        this.environment = environment;
    }

    Expanded expand(String text) throws BadValueException {
        StringBuilder out = new StringBuilder();
        Set<String> names = new LinkedHashSet<>();
        int at = 0;
        while (true) {
            int open = text.indexOf("${", at);
            if (open < 0) {
                return new Expanded(out.append(text, at, text.length()).toString(), names);
            }
            out.append(text, at, open);
            if (open > at && text.charAt(open - 1) == '$') {
                out.append('{');
                at = open + 2;
                continue;
            }
            int close = text.indexOf('}', open);
            String name = close < 0 ? "" : text.substring(open + 2, close);
            if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                throw new BadValueException(
                        "has a ${ that no environment variable's name and } follow; expected ${NAME}, or $${ for the characters themselves");
            }
            String value = environment.apply(name);
            if (value == null) {
                throw new BadValueException(
                        "refers to the environment variable %s, which is not set".formatted(name));
            }
            names.add(name);
            out.append(value);
            at = close + 1;
        }
    }
}
