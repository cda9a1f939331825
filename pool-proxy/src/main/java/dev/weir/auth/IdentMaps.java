package dev.weir.auth;

import dev.weir.config.IdentLine;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says which role a certificate's name may be (manual section 20.2). Any thread may use it. */
final class IdentMaps {
    private static final String FIRST_GROUP = "\\1";

    private final Map<String, List<IdentLine>> maps;

    IdentMaps(Map<String, List<IdentLine>> maps) {
        this.maps = maps;
    }

    /**
     * Whether {@code name} may be {@code role}.
     *
     * @param map null if the two must be the same
     */
    boolean allows(@Nullable String map, String name, String role) {
        if (map == null) {
            return name.equals(role);
        }
        return maps.getOrDefault(map, List.of()).stream()
                .anyMatch(line -> allows(line, name, role));
    }

    private static boolean allows(IdentLine line, String name, String role) {
        String wanted = line.roleName();
        if (line.systemRegex()) {
            Matcher matcher = Pattern.compile(line.systemName()).matcher(name);
            if (!matcher.find()) {
                return false;
            }
            String group = matcher.groupCount() > 0 ? matcher.group(1) : null;
            if (line.role() == IdentLine.Role.EXACT && wanted.contains(FIRST_GROUP)) {
                return group != null && wanted.replace(FIRST_GROUP, group).equals(role);
            }
        } else if (!line.systemName().equals(name)) {
            return false;
        }
        return switch (line.role()) {
            case EXACT -> wanted.equals(role);
            case REGEX -> Pattern.compile(wanted).matcher(role).find();
            case ALL -> true;
        };
    }
}
