package dev.weir.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The types of the keys that are about TLS. */
final class TlsTypes {
    private static final String ALL = "secure";
    private static final String USUAL = "default";

    private TlsTypes() {}

    /** A file, which begins at the folder of the configuration file once it has been read. */
    static ValueType<Path> file() {
        ValueType<String> text = Types.text("the path of a file");
        return new ValueType<>() {
            @Override
            public Path parse(String value) throws BadValueException {
                try {
                    return Path.of(text.parse(value));
                } catch (InvalidPathException e) {
                    throw new BadValueException("is no path");
                }
            }

            @Override
            public String format(Path value) {
                return value.toString();
            }

            @Override
            public String expected() {
                return text.expected();
            }
        };
    }

    /** Versions of TLS, with commas between them. */
    static ValueType<List<TlsProtocol>> protocols() {
        return new ValueType<>() {
            @Override
            public List<TlsProtocol> parse(String text) throws BadValueException {
                if (text.equals(ALL)) {
                    return List.of(TlsProtocol.values());
                }
                List<TlsProtocol> protocols = new ArrayList<>();
                for (String name : text.split(",", -1)) {
                    TlsProtocol protocol =
                            switch (name.strip()) {
                                case "tlsv1.2" -> TlsProtocol.V1_2;
                                case "tlsv1.3" -> TlsProtocol.V1_3;
                                default -> throw new BadValueException("is not among the versions");
                            };
                    if (!protocols.contains(protocol)) {
                        protocols.add(protocol);
                    }
                }
                return List.copyOf(protocols);
            }

            @Override
            public String format(List<TlsProtocol> value) {
                if (value.size() == TlsProtocol.values().length) {
                    return ALL;
                }
                return value.getFirst() == TlsProtocol.V1_2 ? "tlsv1.2" : "tlsv1.3";
            }

            @Override
            public String expected() {
                return "one of tlsv1.2, tlsv1.3, secure (both)";
            }
        };
    }

    /** Names of cipher suites, with colons between them. */
    static ValueType<List<String>> ciphers() {
        ValueType<String> text = Types.text("the names of cipher suites, with : between them");
        return new ValueType<>() {
            @Override
            public List<String> parse(String value) throws BadValueException {
                return value.equals(USUAL) ? List.of() : List.of(text.parse(value).split("[:, ]+"));
            }

            @Override
            public String format(List<String> value) {
                return value.isEmpty() ? USUAL : String.join(":", value);
            }

            @Override
            public String expected() {
                return text.expected();
            }
        };
    }
}
