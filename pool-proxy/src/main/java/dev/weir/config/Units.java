package dev.weir.config;

import java.util.List;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * A whole number with a unit behind it, such as {@code 30s} or {@code 16MiB}. A bare 0 needs none.
 *
 * @param <T> what the program gets
 */
final class Units<T> implements ValueType<T> {
    /**
     * A unit.
     *
     * @param name as written
     * @param scale how many of the smallest unit it is
     */
    record Unit(String name, long scale) {}

    private final String noun;
    private final String example;
    private final List<Unit> units;
    private final long min;
    private final long max;
    private final LongFunction<T> wrap;
    private final ToLongFunction<T> unwrap;

    /**
     * Numbers with one of these units.
     *
     * @param noun with its article
     * @param units the smallest first; its scale is 1
     * @param min in the smallest unit
     * @param max in the smallest unit
     * @param wrap from the smallest unit
     * @param unwrap to the smallest unit
     */
    Units(
            String noun,
            String example,
            List<Unit> units,
            long min,
            long max,
            LongFunction<T> wrap,
            ToLongFunction<T> unwrap) {
        this.noun = noun;
        this.example = example;
        this.units = units;
        this.min = min;
        this.max = max;
        this.wrap = wrap;
        this.unwrap = unwrap;
    }

    @Override
    public T parse(String text) throws BadValueException {
        int digits = 0;
        while (digits < text.length() && isDigit(text.charAt(digits))) {
            digits++;
        }
        if (digits == 0) {
            throw new BadValueException("is not a whole number with a unit");
        }
        long number = number(text.substring(0, digits));
        String unit = text.substring(digits).strip();
        long value = number == 0 && unit.isEmpty() ? 0 : scaled(number, unit);
        if (value < min) {
            throw new BadValueException("is too small");
        }
        if (value > max) {
            throw new BadValueException("is too large");
        }
        return wrap.apply(value);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static long number(String digits) throws BadValueException {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new BadValueException("is too large");
        }
    }

    private long scaled(long number, String name) throws BadValueException {
        if (name.isEmpty()) {
            throw new BadValueException("has no unit");
        }
        for (Unit unit : units) {
            if (unit.name.equals(name)) {
                return number > Long.MAX_VALUE / unit.scale ? Long.MAX_VALUE : number * unit.scale;
            }
        }
        throw new BadValueException("has a unit that is not known here");
    }

    @Override
    public String format(T value) {
        return format(unwrap.applyAsLong(value));
    }

    private String format(long value) {
        Unit best = units.getFirst();
        for (Unit unit : units) {
            if (value % unit.scale == 0) {
                best = unit;
            }
        }
        return value == 0 ? "0" : value / best.scale + best.name;
    }

    @Override
    public String expected() {
        return "%s from %s to %s, such as %s (units: %s)"
                .formatted(
                        noun,
                        format(min),
                        format(max),
                        example,
                        units.stream().map(Unit::name).collect(Collectors.joining(", ")));
    }
}
