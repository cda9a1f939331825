package dev.weir.config;

import dev.weir.classify.Route;
import dev.weir.freshness.MaxLag;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The types that keys can have. */
final class Types {
    private static final int MAX_TEXT = 1024;

    private static final List<Units.Unit> TIME =
            List.of(
                    new Units.Unit("ms", 1),
                    new Units.Unit("s", 1000),
                    new Units.Unit("m", 60_000),
                    new Units.Unit("h", 3_600_000),
                    new Units.Unit("d", 86_400_000));

    private static final List<Units.Unit> BYTES =
            List.of(
                    new Units.Unit("B", 1),
                    new Units.Unit("KiB", 1 << 10),
                    new Units.Unit("MiB", 1 << 20),
                    new Units.Unit("GiB", 1 << 30));

    private Types() {}

    static ValueType<Duration> duration(Duration min, Duration max) {
        return new Units<>(
                "a duration",
                "30s",
                TIME,
                min.toMillis(),
                max.toMillis(),
                Duration::ofMillis,
                Duration::toMillis);
    }

    static ValueType<Integer> size(int min, int max) {
        return new Units<>(
                "a size", "64KiB", BYTES, min, max, value -> (int) value, Integer::longValue);
    }

    /** A size that may be larger than any one buffer. */
    static ValueType<Long> memory(long max) {
        return new Units<>("a size", "256MiB", BYTES, 0, max, value -> value, value -> value);
    }

    static ValueType<Integer> integer(int min, int max) {
        return new ValueType<>() {
            @Override
            public Integer parse(String text) throws BadValueException {
                if (!text.matches("-?[0-9]+")) {
                    throw new BadValueException("is not a whole number");
                }
                long value = text.length() > 18 ? Long.MAX_VALUE : Long.parseLong(text);
                if (text.startsWith("-") ? value != 0 || min > 0 : value < min) {
                    throw new BadValueException("is too small");
                }
                if (value > max) {
                    throw new BadValueException("is too large");
                }
                return (int) value;
            }

            @Override
            public String format(Integer value) {
                return value.toString();
            }

            @Override
            public String expected() {
                return max == Integer.MAX_VALUE
                        ? "a whole number of at least " + min
                        : "a whole number from %d to %d".formatted(min, max);
            }
        };
    }

    /**
     * One of the constants of an enum.
     *
     * @param names how the constants are written, in their order
     */
    static <E extends Enum<E>> ValueType<E> choice(Class<E> type, String... names) {
        List<E> constants = List.of(type.getEnumConstants());
        List<String> written = List.of(names);
        if (constants.size() != written.size()) {
            throw new IllegalArgumentException("one name for each constant of " + type);
        }
        return new ValueType<>() {
            @Override
            public E parse(String text) throws BadValueException {
                int index = written.indexOf(text);
                if (index < 0) {
                    throw new BadValueException("is not one of the choices");
                }
                return constants.get(index);
            }

            @Override
            public String format(E value) {
                return written.get(constants.indexOf(value));
            }

            @Override
            public String expected() {
                return "one of " + String.join(", ", written);
            }
        };
    }

    /** An IP address, a host name, or a folder. */
    static ValueType<String> host() {
        return new Text(
                Pattern.compile("[\\p{L}\\p{N}._:%-]+|/[^\\p{Cntrl}]*"),
                "an IP address, a host name, or the folder of a Unix-domain socket");
    }

    /** An address to listen on. */
    static ValueType<String> listenAddress() {
        return new Text(
                Pattern.compile("\\*|[\\p{L}\\p{N}._:%-]+"),
                "an IP address, a host name, or \"*\" for every interface");
    }

    /** The permissions of a file, in octal. */
    static ValueType<Integer> fileMode() {
        return new ValueType<>() {
            @Override
            public Integer parse(String text) throws BadValueException {
                if (!text.matches("0?[0-7]{3}")) {
                    throw new BadValueException("is no file mode");
                }
                return Integer.parseInt(text, 8);
            }

            @Override
            public String format(Integer value) {
                return "%04o".formatted(value);
            }

            @Override
            public String expected() {
                return "an octal file mode, such as 0770";
            }
        };
    }

    /** What names a role, a database or a file. */
    static ValueType<String> text(String expected) {
        return new Text(Pattern.compile("[^\\p{Cntrl}]+"), expected);
    }

    static ValueType<Boolean> flag() {
        return new ValueType<>() {
            @Override
            public Boolean parse(String text) throws BadValueException {
                return switch (text) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new BadValueException("is not one of the choices");
                };
            }

            @Override
            public String format(Boolean value) {
                return value.toString();
            }

            @Override
            public String expected() {
                return "one of true, false";
            }
        };
    }

    /** Networks, in one value. */
    static ValueType<Networks> networks() {
        return new ValueType<>() {
            @Override
            public Networks parse(String text) throws BadValueException {
                return Networks.parse(text);
            }

            @Override
            public String format(Networks value) {
                return value.text();
            }

            @Override
            public String expected() {
                return "a list of networks, such as 10.0.0.0/8, 192.168.1.7";
            }
        };
    }

    /** A query for the password of user $1. */
    static ValueType<String> authQuery() {
        ValueType<String> text = text("a query with $1, the user's name, in one line");
        return new ValueType<>() {
            @Override
            public String parse(String query) throws BadValueException {
                if (!query.matches("(?s).*\\$1(?![0-9]).*")) {
                    throw new BadValueException("does not say $1");
                }
                return text.parse(query);
            }

            @Override
            public String format(String query) {
                return query;
            }

            @Override
            public String expected() {
                return text.expected();
            }
        };
    }

    /** The URL of something that speaks HTTP; the empty text is none. */
    static ValueType<String> url() {
        ValueType<String> whole = text("a URL that begins with http:// or https://");
        return new ValueType<>() {
            @Override
            public String parse(String text) throws BadValueException {
                if (text.isEmpty()) {
                    return text;
                }
                if (!text.matches("https?://[^/\\s]+(/\\S*)?")) {
                    throw new BadValueException("is no such URL");
                }
                return whole.parse(text);
            }

            @Override
            public String format(String value) {
                return value;
            }

            @Override
            public String expected() {
                return whole.expected();
            }
        };
    }

    /** Where sessions want to be answered. */
    static ValueType<Route> route() {
        return choice(Route.class, "auto", "primary", "replica");
    }

    /** How far a replica may be behind. */
    static ValueType<MaxLag> maxLag() {
        return new ValueType<>() {
            @Override
            public MaxLag parse(String text) throws BadValueException {
                MaxLag value = MaxLag.parse(text);
                if (value == null) {
                    throw new BadValueException("is neither a time nor an amount");
                }
                return value;
            }

            @Override
            public String format(MaxLag value) {
                return value.toString();
            }

            @Override
            public String expected() {
                return MaxLag.EXPECTED;
            }
        };
    }

    /** The name of a zone; the empty text is none. */
    static ValueType<String> zone() {
        ValueType<String> name = new Text(Pattern.compile(MemberType.ZONE), "the name of a zone");
        return new ValueType<>() {
            @Override
            public String parse(String text) throws BadValueException {
                return text.isEmpty() ? text : name.parse(text);
            }

            @Override
            public String format(String value) {
                return value;
            }

            @Override
            public String expected() {
                return name.expected();
            }
        };
    }

    /** Names with commas between them; the empty text is none. */
    static ValueType<List<String>> names(String expected) {
        ValueType<String> whole = text(expected);
        return new ValueType<>() {
            @Override
            public List<String> parse(String text) throws BadValueException {
                if (text.isBlank()) {
                    return List.of();
                }
                List<String> names = new ArrayList<>();
                for (String name : whole.parse(text).split(",", -1)) {
                    if (name.isBlank()) {
                        throw new BadValueException("has nothing between two commas");
                    }
                    names.add(name.strip());
                }
                return List.copyOf(names);
            }

            @Override
            public String format(List<String> value) {
                return String.join(", ", value);
            }

            @Override
            public String expected() {
                return expected;
            }
        };
    }

    static ValueType<Secret> secret() {
        return new ValueType<>() {
            @Override
            public Secret parse(String text) throws BadValueException {
                if (text.isEmpty()) {
                    throw new BadValueException("is empty");
                }
                if (text.indexOf('\0') >= 0) {
                    throw new BadValueException("contains a zero byte");
                }
                return new Secret(text);
            }

            @Override
            public String format(Secret value) {
                return value.toString();
            }

            @Override
            public String expected() {
                return "a password";
            }

            @Override
            public boolean isSecret() {
                return true;
            }
        };
    }

    private record Text(Pattern pattern, String expected) implements ValueType<String> {
        @Override
        public String parse(String text) throws BadValueException {
            if (text.isEmpty()) {
                throw new BadValueException("is empty");
            }
            if (text.length() > MAX_TEXT) {
                throw new BadValueException("is longer than %d characters".formatted(MAX_TEXT));
            }
            if (!pattern.matcher(text).matches()) {
                throw new BadValueException("contains characters that are not allowed here");
            }
            return text;
        }

        @Override
        public String format(String value) {
            return value;
        }
    }
}
