package dev.weir.config;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads one configuration, from its text to the records. Used once. */
final class ConfigReader {
    private final Problems problems;
    private final SectionReader reader;
    private final Path folder;
    private final Map<String, Section> databases = new LinkedHashMap<>();
    private final Map<String, Section> peers = new LinkedHashMap<>();
    private final Map<String, Section> users = new LinkedHashMap<>();

    /**
     * A reader of one text.
     *
     * @param source how messages name it
     * @param folder where relative paths begin
     */
    ConfigReader(String source, Path folder, Variables variables) {
        this.problems = new Problems(source);
        this.reader = new SectionReader(problems, variables);
        this.folder = folder;
    }

    WeirConfig read(String text) throws ConfigException {
        return read(text, Map.of());
    }

    /**
     * @param set values by key that go before those at the top level
     */
    WeirConfig read(String text, Map<String, String> set) throws ConfigException {
        Node root = YamlText.compose(text, problems);
        problems.throwIfAny();
        if (root == null) {
            throw new IllegalStateException("an empty document is a mistake");
        }
        Section top = new Section(null, 0);
        Section noKeys = new Section(null, 0);
        for (SectionReader.Field field : reader.fields(root, "the configuration")) {
            switch (field.name()) {
                case Keys.DATABASES -> entries(field, SectionReader.Place.DATABASE, top, databases);
                case Keys.USERS -> entries(field, SectionReader.Place.USER, noKeys, users);
                case Keys.PEERS -> entries(field, SectionReader.Place.PEER, noKeys, peers);
                default -> reader.read(field, SectionReader.Place.TOP, top);
            }
        }
        set.forEach((name, value) -> reader.set(name, value, top));
        databases
                .values()
                .forEach(section ->
                        secret(
                                section,
                                DatabaseKeys.DATABASE_PASSWORD,
                                DatabaseKeys.DATABASE_PASSWORD_FILE));
        for (Section section : users.values()) {
            secret(section, UserKeys.USER_PASSWORD, UserKeys.USER_PASSWORD_FILE);
            secret(section, UserKeys.SERVER_PASSWORD, UserKeys.SERVER_PASSWORD_FILE);
        }
        socketFolder(top);
        files(top, TlsKeys.CLIENT);
        files(top, TlsKeys.SERVER);
        databases.values().forEach(section -> files(section, TlsKeys.SERVER));
        HbaConfig hba = hba(top);
        new PeeringContradictions(top, peers, problems).find();
        new Contradictions(top, databases, users, problems).find();
        problems.throwIfAny();
        return config(top, hba);
    }

    /** The rules in the files that the configuration names. */
    private @Nullable HbaConfig hba(Section top) {
        String rulesName = top.find(LoginKeys.AUTH_HBA_FILE);
        String mapsName = top.find(LoginKeys.AUTH_IDENT_FILE);
        List<HbaRule> rules = List.of();
        Map<String, List<IdentLine>> maps = Map.of();
        if (rulesName != null) {
            try {
                rules = new HbaFile(folder.resolve(rulesName), problems).rules();
            } catch (BadValueException e) {
                unreadable(top, LoginKeys.AUTH_HBA_FILE, rulesName, e);
            }
        }
        if (mapsName != null) {
            try {
                maps = new IdentFile(folder.resolve(mapsName), problems).maps();
            } catch (BadValueException e) {
                unreadable(top, LoginKeys.AUTH_IDENT_FILE, mapsName, e);
            }
        }
        for (HbaRule rule : rules) {
            if (rule.map() != null && !maps.containsKey(rule.map())) {
                problems.addElsewhere(
                        folder.resolve(String.valueOf(rulesName)).toString(),
                        rule.line(),
                        "there is no map %s; expected one that `auth-ident-file` has"
                                .formatted(Shown.name(rule.map())));
            }
        }
        return rulesName == null ? null : new HbaConfig(rules, maps);
    }

    private void unreadable(Section top, Key<?, String> key, String name, BadValueException e) {
        problems.add(
                top.line(key),
                "`%s`: the file %s %s; expected a readable file"
                        .formatted(key, folder.resolve(name), e.getMessage()));
    }

    private void entries(
            SectionReader.Field map,
            SectionReader.Place place,
            Section parent,
            Map<String, Section> into) {
        for (SectionReader.Field entry : reader.fields(map.value(), "`%s`".formatted(map.name()))) {
            Section section = new Section(parent, entry.line());
            if (entry.name().isEmpty() || entry.name().indexOf('\0') >= 0) {
                problems.add(entry.line(), "the name of %s is empty".formatted(place.name()));
                continue;
            }
            into.put(entry.name(), section);
            String what = Shown.name(entry.name());
            for (SectionReader.Field field : reader.fields(entry.value(), what)) {
                reader.read(field, place, section);
            }
        }
    }

    private void socketFolder(Section top) {
        Path named = top.find(ListenKeys.UNIX_SOCKET_DIR);
        if (named != null) {
            Path socketFolder = folder.resolve(named).toAbsolutePath();
            top.replace(ListenKeys.UNIX_SOCKET_DIR, socketFolder);
            if (!Files.isDirectory(socketFolder)) {
                top.putUnsound(ListenKeys.UNIX_SOCKET_DIR);
                problems.add(
                        top.line(ListenKeys.UNIX_SOCKET_DIR),
                        "`%s`: there is no folder %s; expected one that Weir may write to"
                                .formatted(ListenKeys.UNIX_SOCKET_DIR, socketFolder));
            }
        }
    }

    /** Finds the files that are named, and says which of them cannot be read. */
    private void files(Section section, Group<?> group) {
        for (Key<?, ?> key : group.keys()) {
            if (section.find(key) instanceof Path named) {
                Path file = folder.resolve(named);
                section.replace(key, file);
                String obstacle = ReadableFile.obstacle(file);
                if (obstacle != null) {
                    section.putUnsound(key);
                    problems.add(
                            section.line(key),
                            "`%s`: the file %s %s; expected a readable PEM file"
                                    .formatted(key, file, obstacle));
                }
            }
        }
    }

    /** Fetches a secret from its file. */
    private void secret(Section section, Key<?, Secret> key, Key<?, String> fileKey) {
        String name = section.find(fileKey);
        if (name == null) {
            return;
        }
        int line = section.line(fileKey);
        if (section.names(key)) {
            problems.add(
                    line,
                    "`%s` and `%s` contradict each other; expected only one of them"
                            .formatted(key, fileKey));
            return;
        }
        try {
            section.put(key, PasswordFile.read(folder.resolve(name)), line);
        } catch (BadValueException e) {
            section.putUnsound(key);
            problems.add(
                    line,
                    "`%s`: the file %s %s; expected a readable file with the password in its first line"
                            .formatted(fileKey, folder.resolve(name), e.getMessage()));
        }
    }

    private WeirConfig config(Section top, @Nullable HbaConfig hba) {
        Map<String, DatabaseConfig> places = new LinkedHashMap<>();
        databases.forEach((name, section) -> places.put(name, Records.database(name, section)));
        Map<String, UserConfig> people = new LinkedHashMap<>();
        LimitsConfig limits = Records.limits(top);
        users.forEach((name, section) ->
                people.put(name, Records.user(name, section, limits.userShare())));
        return new WeirConfig(
                Records.listen(top),
                Records.clientTls(top),
                Records.peering(top, peers),
                Records.http(top),
                Records.admin(top),
                Records.login(top, hba),
                limits,
                Records.serverTls(top),
                Records.pool(top),
                Records.replicas(top),
                places,
                people);
    }
}
