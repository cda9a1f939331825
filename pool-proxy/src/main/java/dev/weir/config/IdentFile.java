package dev.weir.config;

import dev.weir.config.HbaTokens.Token;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the maps of auth-ident-file (manual section 20.2). */
final class IdentFile {
    private final Path file;
    private final Problems problems;

    IdentFile(Path file, Problems problems) {
        this.file = file;
        this.problems = problems;
    }

    /** The maps by name; each mistake is told with its line. */
    Map<String, List<IdentLine>> maps() throws BadValueException {
        Map<String, List<IdentLine>> maps = new LinkedHashMap<>();
        for (HbaTokens.Line line : HbaTokens.read(file)) {
            try {
                List<Token> words = words(line);
                maps.computeIfAbsent(words.get(0).text(), _ -> new ArrayList<>())
                        .add(line(words.get(1), words.get(2)));
            } catch (BadValueException e) {
                problems.addElsewhere(
                        file.toString(), line.number(), String.valueOf(e.getMessage()));
            }
        }
        maps.replaceAll((_, lines) -> List.copyOf(lines));
        return maps;
    }

    private static List<Token> words(HbaTokens.Line line) throws BadValueException {
        if (line.fields().size() != 3 || line.fields().stream().anyMatch(it -> it.size() > 1)) {
            throw new BadValueException(
                    "this is no line of a map; expected three words: map, name in the certificate, role");
        }
        return line.fields().stream().map(List::getFirst).toList();
    }

    private static IdentLine line(Token system, Token role) throws BadValueException {
        if (role.begins('+')) {
            throw new BadValueException(
                    "%s asks for membership in a role, which only PostgreSQL knows; expected a role, all, or /regex"
                            .formatted(Shown.name(role.text())));
        }
        boolean systemRegex = system.begins('/');
        String systemName = systemRegex ? HbaFile.regex(system.text().substring(1)) : system.text();
        if (role.is("all")) {
            return new IdentLine(systemName, systemRegex, "", IdentLine.Role.ALL);
        }
        if (role.begins('/')) {
            return new IdentLine(
                    systemName,
                    systemRegex,
                    HbaFile.regex(role.text().substring(1)),
                    IdentLine.Role.REGEX);
        }
        return new IdentLine(systemName, systemRegex, role.text(), IdentLine.Role.EXACT);
    }
}
