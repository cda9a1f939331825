package dev.weir.config;

import java.util.List;
import java.util.Map;

/**
 * Who may log in, from where, and how: the rules of auth-hba-file, of which the first that fits
 * counts, and the maps of auth-ident-file.
 *
 * @param rules in their order
 * @param maps by name, each in its order
 */
public record HbaConfig(List<HbaRule> rules, Map<String, List<IdentLine>> maps) {
    public HbaConfig {
        rules = List.copyOf(rules);
        maps = Map.copyOf(maps);
    }
}
