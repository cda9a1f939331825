package dev.weir.config;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads the keys of one place, and says of each mistake where it is and what was expected. */
final class SectionReader {
    /**
     * A kind of place.
     *
     * @param name with its article
     * @param keys by name
     */
    record Place(String name, Map<String, Key<?, ?>> keys) {
        static final Place TOP = of("the top level", Keys.TOP_LEVEL);
        static final Place DATABASE =
                of(
                        "a database",
                        List.of(
                                DatabaseKeys.DATABASE,
                                LoginKeys.AUTH_QUERIES,
                                LimitKeys.DATABASE_SHARE,
                                TlsKeys.SERVER,
                                PoolKeys.POOL,
                                ReplicaKeys.REPLICA));
        static final Place PEER = of("a peer", List.of(PeerKeys.PEER));
        static final Place USER =
                of("a user", List.of(UserKeys.USER, LimitKeys.USER_SHARE, PoolKeys.POOL));

        private static Place of(String name, List<Group<?>> groups) {
            Map<String, Key<?, ?>> keys = new LinkedHashMap<>();
            groups.forEach(group -> group.keys().forEach(key -> keys.put(key.name(), key)));
            return new Place(name, keys);
        }
    }

    /** One {@code name: value} of the file. */
    record Field(String name, int line, Node value) {}

    private final Problems problems;
    private final Variables variables;

    SectionReader(Problems problems, Variables variables) {
        this.problems = problems;
        this.variables = variables;
    }

    static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    /**
     * The fields of a mapping; a name that comes twice counts the first time, and is complained
     * about.
     *
     * @param what the mapping is, with its article or in backquotes
     */
    List<Field> fields(Node node, String what) {
        if (isNothing(node)) {
            return List.of();
        }
        if (!(node instanceof MappingNode mapping)) {
            problems.add(
                    line(node),
                    "%s is %s; expected `key: value` lines, indented below it"
                            .formatted(what, kind(node)));
            return List.of();
        }
        Map<String, Field> fields = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Node key = tuple.getKeyNode();
            if (!(key instanceof ScalarNode name)) {
                problems.add(line(key), "a key is %s; expected a name".formatted(kind(key)));
                continue;
            }
            Field field = new Field(name.getValue(), line(key), tuple.getValueNode());
            Field first = fields.putIfAbsent(field.name, field);
            if (first != null) {
                problems.add(
                        field.line,
                        "%s is named a second time; expected it only once (line %d)"
                                .formatted(Shown.name(field.name), first.line));
            }
        }
        return new ArrayList<>(fields.values());
    }

    /** Reads one key of {@code place} into {@code section}. */
    void read(Field field, Place place, Section section) {
        Key<?, ?> key = place.keys().get(field.name);
        if (key == null) {
            problems.add(field.line, unknown(field, place));
        } else if (!value(field, key, section)) {
            section.putUnsound(key);
        }
    }

    /** Lets a value that was given by hand go before that of the file, if it can be changed so. */
    void set(String name, String text, Section top) {
        Key<?, ?> key = Place.TOP.keys().get(name);
        if (key == null) {
            String nearest = Spelling.nearest(name, Place.TOP.keys().keySet());
            problems.add(
                    0,
                    "unknown key %s; %s"
                            .formatted(
                                    Shown.key(name),
                                    nearest == null
                                            ? "SHOW CONFIG lists all"
                                            : "did you mean `%s`?".formatted(nearest)));
        } else if (key.change() == Key.Change.RESTART) {
            problems.add(0, "`%s` cannot be changed while Weir runs".formatted(name));
        } else {
            set(key, text, top);
        }
    }

    private <T> void set(Key<?, T> key, String text, Section top) {
        try {
            top.put(key, key.type().parse(text), 0);
        } catch (BadValueException e) {
            problems.add(
                    0,
                    "`%s`: %s %s; expected %s"
                            .formatted(
                                    key.name(),
                                    key.type().isSecret() ? "the value" : Shown.value(text),
                                    e.getMessage(),
                                    key.type().expected()));
        }
    }

    private static String unknown(Field field, Place place) {
        String name = field.name;
        List<String> elsewhere = new ArrayList<>();
        for (Place other : List.of(Place.TOP, Place.DATABASE, Place.USER)) {
            if (other.keys().containsKey(name)) {
                elsewhere.add(other.equals(Place.TOP) ? "at the top level" : "in " + other.name());
            }
        }
        if (!elsewhere.isEmpty()) {
            return "`%s` does not belong to %s; expected it %s"
                    .formatted(name, place.name(), String.join(" or ", elsewhere));
        }
        List<String> candidates = new ArrayList<>(place.keys().keySet());
        if (place.equals(Place.TOP)) {
            candidates.addAll(List.of(Keys.DATABASES, Keys.USERS, Keys.PEERS));
        }
        int colon = name.indexOf(':');
        if (colon > 0 && candidates.contains(name.substring(0, colon))) {
            return "there is no space after `%1$s:`; expected `%1$s: …`"
                    .formatted(name.substring(0, colon));
        }
        String nearest = Spelling.nearest(name, candidates);
        if (nearest != null) {
            return "unknown key %s; did you mean `%s`?".formatted(Shown.key(name), nearest);
        }
        // { password: one,two } has a key that nobody meant, and must not be told.
        return isNothing(field.value) || !Shown.isKey(name)
                ? "something that is no key stands in the place of one; expected `key: value`, and quotes around a value with odd characters in it"
                : "unknown key %s; expected one of those that `weir init -` lists"
                        .formatted(Shown.key(name));
    }

    private <T> boolean value(Field field, Key<?, T> key, Section section) {
        String text = scalar(field, key);
        if (text == null) {
            return false;
        }
        String shown = key.type().isSecret() ? "the value" : Shown.value(text);
        try {
            Variables.Expanded expanded = variables.expand(text);
            if (!expanded.names().isEmpty()) {
                shown =
                        "the value of "
                                + expanded.names().stream()
                                        .map(name -> "${" + name + "}")
                                        .collect(Collectors.joining(" and "));
            }
            section.put(key, key.type().parse(expanded.text()), field.line);
            return true;
        } catch (BadValueException e) {
            problems.add(
                    field.line,
                    "`%s`: %s %s; expected %s"
                            .formatted(key.name(), shown, e.getMessage(), key.type().expected()));
            return false;
        }
    }

    private @Nullable String scalar(Field field, Key<?, ?> key) {
        Node node = field.value;
        if (node.getAnchor() != null) {
            problems.add(field.line, "a value that begins with & must be in quotes");
            return null;
        }
        if (node instanceof ScalarNode scalar && !isNothing(node) && isOrdinary(node)) {
            return scalar.getValue();
        }
        problems.add(
                field.line,
                "`%s` %s; expected %s"
                        .formatted(
                                key.name(),
                                isNothing(node) ? "has no value" : "is " + kind(node),
                                key.type().expected()));
        return null;
    }

    static boolean isNothing(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    /** Whether the value has no tag of its own, such as {@code !secret}. */
    private static boolean isOrdinary(Node node) {
        return node.getTag().equals(Tag.STR);
    }

    private static String kind(Node node) {
        if (node instanceof MappingNode) {
            return "a map";
        }
        if (node instanceof SequenceNode) {
            return "a list";
        }
        if (isNothing(node)) {
            return "nothing";
        }
        return isOrdinary(node) ? "a single value" : "a value with a tag (!)";
    }
}
