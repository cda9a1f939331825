package dev.weir.config;

/**
 * A line of an ident map (manual section 20.2): who may be whom.
 *
 * @param systemName whom the certificate names; a regular expression if {@code systemRegex}
 * @param roleName the role that it may be; {@code \1} is what the first group has found
 * @param role how {@code roleName} is meant
 */
public record IdentLine(String systemName, boolean systemRegex, String roleName, Role role) {
    /** How the name of the role is meant. */
    public enum Role {
        EXACT,
        REGEX,
        /** Any role. */
        ALL
    }
}
