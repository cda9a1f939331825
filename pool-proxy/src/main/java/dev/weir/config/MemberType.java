package dev.weir.config;

import dev.weir.topology.Member;
import dev.weir.topology.Node;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Servers with commas between them, each with what is said of it: {@code host:port weight=50}. */
final class MemberType implements ValueType<List<Member>> {
    /** What a zone is called. */
    static final String ZONE = "[\\p{L}\\p{N}._-]+";

    private static final int POSTGRES_PORT = 5432;
    private static final String WEIGHT_SIGN = "weight";
    private static final String ZONE_SIGN = "zone";

    private final ValueType<List<String>> names =
            Types.names("a list of servers with commas between them, such as 10.0.0.2:5432");
    private final ValueType<Integer> ports = Types.integer(1, 65_535);
    private final ValueType<Integer> weights = Types.integer(1, 1000);

    @Override
    public List<Member> parse(String text) throws BadValueException {
        List<Member> members = new ArrayList<>();
        Set<Node> known = new HashSet<>();
        for (String name : names.parse(text)) {
            Member member = member(name);
            if (!known.add(member.node())) {
                throw new BadValueException("has a server twice");
            }
            members.add(member);
        }
        return List.copyOf(members);
    }

    private Member member(String text) throws BadValueException {
        String[] words = text.split("\\s+");
        Node node = node(words[0]);
        int weight = Member.USUAL_WEIGHT;
        String zone = "";
        for (int i = 1; i < words.length; i++) {
            int sign = words[i].indexOf('=');
            String name = sign < 0 ? words[i] : words[i].substring(0, sign);
            String value = sign < 0 ? "" : words[i].substring(sign + 1);
            switch (name) {
                case WEIGHT_SIGN -> weight = weight(value);
                case ZONE_SIGN -> zone = zone(value);
                default -> throw unknown(name);
            }
        }
        return new Member(node, weight, zone);
    }

    private int weight(String value) throws BadValueException {
        try {
            return weights.parse(value);
        } catch (BadValueException e) {
            throw new BadValueException("has a weight that is not from 1 to 1000");
        }
    }

    private static String zone(String value) throws BadValueException {
        if (!value.matches(ZONE)) {
            throw new BadValueException("has a zone that is no name");
        }
        return value;
    }

    private static BadValueException unknown(String name) {
        String nearest = Spelling.nearest(name, List.of(WEIGHT_SIGN, ZONE_SIGN));
        return new BadValueException(
                nearest == null
                        ? "says something of a server that is neither weight= nor zone="
                        : "says %s of a server, where %s= was meant"
                                .formatted(Shown.key(name), nearest));
    }

    /** Reads {@code host}, {@code host:port} or {@code [ipv6]:port}. */
    private Node node(String text) throws BadValueException {
        int behind = text.startsWith("[") ? text.indexOf(']') + 1 : text.lastIndexOf(':');
        if (text.startsWith("[") ? behind == 0 : text.indexOf(':') != behind) {
            throw new BadValueException("has an IPv6 address without its brackets");
        }
        String host = behind < 0 ? text : text.substring(0, behind);
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isBlank()) {
            throw new BadValueException("has a port without a host");
        }
        if (behind < 0 || behind == text.length()) {
            return new Node(host, POSTGRES_PORT);
        }
        try {
            if (text.charAt(behind) == ':') {
                return new Node(host, ports.parse(text.substring(behind + 1)));
            }
        } catch (BadValueException e) {
            throw new BadValueException("has a port that is not from 1 to 65535");
        }
        throw new BadValueException("has something behind the brackets that is no port");
    }

    @Override
    public String format(List<Member> value) {
        return names.format(value.stream().map(Member::toString).toList());
    }

    @Override
    public String expected() {
        return names.expected();
    }
}
