package dev.weir.config;

import dev.weir.config.HbaRule.Address;
import dev.weir.config.HbaRule.ClientCert;
import dev.weir.config.HbaRule.Method;
import dev.weir.config.HbaRule.Name;
import dev.weir.config.HbaRule.Type;
import dev.weir.config.HbaTokens.Token;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads the rules of auth-hba-file. */
final class HbaFile {
    private static final Map<String, Type> TYPES =
            Map.of(
                    "local", Type.LOCAL,
                    "host", Type.HOST,
                    "hostssl", Type.HOSTSSL,
                    "hostnossl", Type.HOSTNOSSL);
    private static final String TYPE_NAMES = "local, host, hostssl or hostnossl";
    private static final Map<String, Method> METHODS =
            Map.of(
                    "trust", Method.TRUST,
                    "reject", Method.REJECT,
                    "password", Method.PASSWORD,
                    "md5", Method.MD5,
                    "scram-sha-256", Method.SCRAM_SHA_256,
                    "cert", Method.CERT);
    private static final String METHOD_NAMES =
            "trust, reject, scram-sha-256, md5, password or cert";

    /** Java's own reader would take other spellings too, such as 127.1 and zones. */
    private static final Pattern LITERAL =
            Pattern.compile("[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private final Path file;
    private final Problems problems;

    HbaFile(Path file, Problems problems) {
        this.file = file;
        this.problems = problems;
    }

    /** The rules; each mistake is told with its line. */
    List<HbaRule> rules() throws BadValueException {
        List<HbaRule> rules = new ArrayList<>();
        for (HbaTokens.Line line : HbaTokens.read(file)) {
            try {
                rules.add(new Reader(line).rule());
            } catch (BadValueException e) {
                problems.addElsewhere(
                        file.toString(), line.number(), String.valueOf(e.getMessage()));
            }
        }
        return rules;
    }

    private final class Reader {
        private final HbaTokens.Line line;
        private int next;

        Reader(HbaTokens.Line line) {
            this.line = line;
        }

        HbaRule rule() throws BadValueException {
            Token typeName = one("a connection type: " + TYPE_NAMES);
            Type type = TYPES.get(typeName.text());
            if (type == null) {
                throw new BadValueException(
                        "%s is no connection type that Weir knows; expected %s"
                                .formatted(Shown.name(typeName.text()), TYPE_NAMES));
            }
            List<Name> databases = names(field("a database"), true);
            List<Name> users = names(field("a user"), false);
            Address address = type == Type.LOCAL ? null : address();
            Token methodName = one("a method: " + METHOD_NAMES);
            Method method = METHODS.get(methodName.text());
            if (method == null) {
                throw new BadValueException(
                        "%s is no method that Weir knows; expected %s"
                                .formatted(Shown.name(methodName.text()), METHOD_NAMES));
            }
            if (method == Method.CERT && type != Type.HOSTSSL) {
                throw new BadValueException(
                        "the method cert needs a certificate, which only TLS brings; expected hostssl");
            }
            return options(type, databases, users, address, method);
        }

        private HbaRule options(
                Type type,
                List<Name> databases,
                List<Name> users,
                @Nullable Address address,
                Method method)
                throws BadValueException {
            String map = null;
            ClientCert clientCert = method == Method.CERT ? ClientCert.VERIFY_FULL : ClientCert.ANY;
            while (next < line.fields().size()) {
                String option = one("an option").text();
                int equals = option.indexOf('=');
                String name = equals < 0 ? option : option.substring(0, equals);
                String value = equals < 0 ? "" : option.substring(equals + 1);
                switch (name) {
                    case "map" -> map = value;
                    case "clientcert" -> {
                        if (type != Type.HOSTSSL) {
                            throw new BadValueException(
                                    "clientcert needs a certificate, which only TLS brings; expected hostssl");
                        }
                        clientCert =
                                switch (value) {
                                    case "verify-ca" -> ClientCert.VERIFY_CA;
                                    case "verify-full" -> ClientCert.VERIFY_FULL;
                                    default ->
                                            throw new BadValueException(
                                                    "clientcert is %s; expected verify-ca or verify-full"
                                                            .formatted(Shown.name(value)));
                                };
                        if (method == Method.CERT && clientCert != ClientCert.VERIFY_FULL) {
                            throw new BadValueException(
                                    "clientcert=verify-ca contradicts the method cert, which is verify-full; expected no clientcert");
                        }
                    }
                    default ->
                            throw new BadValueException(
                                    "unknown option %s; expected map= or clientcert="
                                            .formatted(Shown.name(name)));
                }
            }
            if (map != null && clientCert != ClientCert.VERIFY_FULL) {
                throw new BadValueException(
                        "map= is for names in certificates; expected the method cert, or clientcert=verify-full");
            }
            return new HbaRule(
                    line.number(), type, databases, users, address, method, map, clientCert);
        }

        private List<Token> field(String expected) throws BadValueException {
            if (next >= line.fields().size()) {
                throw new BadValueException("the line ends too early; expected " + expected);
            }
            return line.fields().get(next++);
        }

        private Token one(String expected) throws BadValueException {
            List<Token> field = field(expected);
            if (field.size() > 1) {
                throw new BadValueException(
                        "a list stands where one word belongs; expected " + expected);
            }
            return field.getFirst();
        }

        // ---- databases and users ----

        private List<Name> names(List<Token> tokens, boolean ofDatabases) throws BadValueException {
            List<Name> names = new ArrayList<>();
            for (Token token : tokens) {
                if (token.begins('@')) {
                    names.addAll(names(included(token.text().substring(1)), ofDatabases));
                } else {
                    names.add(name(token, ofDatabases));
                }
            }
            return names;
        }

        private List<Token> included(String name) throws BadValueException {
            Path folder = file.toAbsolutePath().getParent();
            Path list = folder == null ? Path.of(name) : folder.resolve(name);
            List<Token> tokens = new ArrayList<>();
            try {
                for (HbaTokens.Line each : HbaTokens.read(list)) {
                    each.fields().forEach(tokens::addAll);
                }
            } catch (BadValueException e) {
                throw new BadValueException("the file %s %s".formatted(list, e.getMessage()));
            }
            if (tokens.stream().anyMatch(token -> token.begins('@'))) {
                throw new BadValueException(
                        "the file %s names another file; expected only names in it"
                                .formatted(list));
            }
            return tokens;
        }

        private Name name(Token token, boolean ofDatabase) throws BadValueException {
            if (token.is("all")) {
                return new Name.All();
            }
            if (ofDatabase && token.is("sameuser")) {
                return new Name.SameUser();
            }
            if (ofDatabase && token.is("replication")) {
                return new Name.Replication();
            }
            if ((ofDatabase && (token.is("samerole") || token.is("samegroup")))
                    || (!ofDatabase && token.begins('+'))) {
                throw new BadValueException(
                        "%s asks for membership in a role, which only PostgreSQL knows; expected names, all, or /regex"
                                .formatted(Shown.name(token.text())));
            }
            return token.begins('/')
                    ? new Name.Regex(regex(token.text().substring(1)))
                    : new Name.Exact(token.text());
        }

        // ---- addresses ----

        private Address address() throws BadValueException {
            String expected = "an address such as 10.0.0.0/8, all, samehost or samenet";
            Token token = one(expected);
            if (token.is("all")) {
                return new Address.All();
            }
            if (token.is("samehost")) {
                return new Address.SameHost();
            }
            if (token.is("samenet")) {
                return new Address.SameNet();
            }
            String text = token.text();
            int slash = text.indexOf('/');
            InetAddress base = literal(slash < 0 ? text : text.substring(0, slash));
            if (base == null) {
                throw new BadValueException(
                        "%s is no IP address, and Weir does not look host names up here; expected %s"
                                .formatted(Shown.name(text), expected));
            }
            if (slash >= 0) {
                return network(base, mask(base, text.substring(slash + 1)));
            }
            Token second = one("a mask behind the address, or the address as 10.0.0.0/8");
            InetAddress mask = literal(second.text());
            if (mask == null) {
                throw new BadValueException(
                        "%s is no mask; expected one such as 255.255.255.0, or the address as 10.0.0.0/8"
                                .formatted(Shown.name(second.text())));
            }
            return network(base, mask);
        }

        private Address network(InetAddress base, InetAddress mask) throws BadValueException {
            if (base.getAddress().length != mask.getAddress().length) {
                throw new BadValueException(
                        "the address and its mask are of two kinds; expected both IPv4 or both IPv6");
            }
            return new Address.Network(base, mask);
        }
    }

    /** The address that is written here; null if it is none. No name is looked up. */
    static @Nullable InetAddress literal(String text) {
        if (!LITERAL.matcher(text).matches()) {
            return null;
        }
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    static InetAddress mask(InetAddress base, String bits) throws BadValueException {
        byte[] mask = new byte[base.getAddress().length];
        int ones = bits.matches("[0-9]{1,3}") ? Integer.parseInt(bits) : -1;
        if (ones < 0 || ones > 8 * mask.length) {
            throw new BadValueException(
                    "/%s is no number of bits; expected /0 to /%d"
                            .formatted(bits.length() > 20 ? "…" : bits, 8 * mask.length));
        }
        Arrays.fill(mask, 0, ones / 8, (byte) 0xff);
        if (ones % 8 != 0) {
            mask[ones / 8] = (byte) (0xff << (8 - ones % 8));
        }
        try {
            return InetAddress.getByAddress(mask);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    /** The expression, if it is one. */
    static String regex(String expression) throws BadValueException {
        try {
            Pattern.compile(expression);
            return expression;
        } catch (PatternSyntaxException e) {
            throw new BadValueException(
                    "a regular expression is wrong (%s)"
                            .formatted(e.getDescription().toLowerCase(Locale.ROOT)));
        }
    }
}
