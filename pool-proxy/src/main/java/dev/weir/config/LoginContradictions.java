package dev.weir.config;

import dev.weir.config.LoginConfig.AuthType;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Finds keys about logins and passwords that are right alone and wrong together. */
final class LoginContradictions {
    /** What PostgreSQL stores under password_encryption = scram-sha-256. */
    private static final String VERIFIER_PREFIX = "SCRAM-SHA-256$";

    private static final Pattern VERIFIER =
            Pattern.compile(
                    "SCRAM-SHA-256\\$[1-9][0-9]{0,6}:[A-Za-z0-9+/]+=*\\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=");

    private static final Pattern MD5_HASH = Pattern.compile("md5[0-9a-fA-F]{32}");

    private final Section top;
    private final Map<String, Section> databases;
    private final Map<String, Section> users;
    private final Problems problems;

    /** Whether nobody can log in without a password of his own in the configuration. */
    private final boolean needsPassword;

    LoginContradictions(
            Section top,
            Map<String, Section> databases,
            Map<String, Section> users,
            Problems problems) {
        this.top = top;
        this.databases = databases;
        this.users = users;
        this.problems = problems;
        boolean asksForPasswords =
                top.isSound(LoginKeys.AUTH_TYPE)
                        && top.get(LoginKeys.AUTH_TYPE) != AuthType.TRUST
                        && top.get(LoginKeys.AUTH_TYPE) != AuthType.CERT
                        && top.get(LoginKeys.AUTH_TYPE) != AuthType.HBA;
        boolean looksUp =
                top.names(LoginKeys.AUTH_USER)
                        || databases.values().stream()
                                .anyMatch(it -> it.names(LoginKeys.AUTH_USER));
        this.needsPassword = asksForPasswords && !looksUp;
    }

    /** What counts for all who log in. */
    void find() {
        hba();
        lookup(top);
        if (needsPassword && users.isEmpty()) {
            problems.add(
                    top.line(LoginKeys.AUTH_TYPE),
                    "nobody can log in: `auth-type` is %s and there are no users; expected at least one entry below `users:`, such as `app: { password: … }`"
                            .formatted(authType()));
        }
    }

    private void hba() {
        if (!top.isSound(LoginKeys.AUTH_TYPE)) {
            return;
        }
        boolean wanted = top.get(LoginKeys.AUTH_TYPE) == AuthType.HBA;
        if (wanted && !top.names(LoginKeys.AUTH_HBA_FILE)) {
            problems.add(
                    top.line(LoginKeys.AUTH_TYPE),
                    "`auth-type` is hba and there is no `auth-hba-file`; expected the path of a file with rules");
        } else if (!wanted && top.names(LoginKeys.AUTH_HBA_FILE)) {
            problems.add(
                    top.line(LoginKeys.AUTH_HBA_FILE),
                    "`auth-hba-file` does not count where `auth-type` is %s; expected `auth-type: hba`"
                            .formatted(authType()));
        }
        if (top.names(LoginKeys.AUTH_IDENT_FILE) && !top.names(LoginKeys.AUTH_HBA_FILE)) {
            problems.add(
                    top.line(LoginKeys.AUTH_IDENT_FILE),
                    "`auth-ident-file` stands without `auth-hba-file`; expected the rules that name its maps");
        }
    }

    private String authType() {
        return LoginKeys.AUTH_TYPE.type().format(top.get(LoginKeys.AUTH_TYPE));
    }

    /** Looking passwords up needs a role, and a database to do it in. */
    void lookup(Section section) {
        String role = section.inherited(LoginKeys.AUTH_USER);
        for (Key<?, ?> key : List.of(LoginKeys.AUTH_QUERY, LoginKeys.AUTH_DBNAME)) {
            if (section.has(key) && role == null && !usedBelow(section)) {
                problems.add(
                        section.line(key),
                        "`%s` stands without `auth-user`; expected the role that looks passwords up"
                                .formatted(key));
            }
        }
        String dbname = section.find(LoginKeys.AUTH_DBNAME);
        if (dbname != null
                && !databases.containsKey(dbname)
                && !databases.containsKey(WeirConfig.ANY_DATABASE)) {
            problems.add(
                    section.line(LoginKeys.AUTH_DBNAME),
                    "`auth-dbname`: %s is not among the databases; expected the name of one"
                            .formatted(Shown.name(dbname)));
        }
        if (section.has(LoginKeys.AUTH_USER) && role != null) {
            role(section, role, LoginKeys.AUTH_USER);
        }
    }

    /** Whether what stands at the top level counts in a database that looks passwords up. */
    private boolean usedBelow(Section section) {
        return section == top
                && databases.values().stream().anyMatch(it -> it.names(LoginKeys.AUTH_USER));
    }

    /** A role as which Weir itself logs in needs a password to show. */
    void role(Section section, String role, Key<?, ?> key) {
        Section lookup = users.get(role);
        Secret shown = lookup == null ? null : lookup.find(UserKeys.SERVER_PASSWORD);
        if (lookup != null && shown == null) {
            shown = lookup.find(UserKeys.USER_PASSWORD);
        }
        if (shown != null
                && (shown.value().startsWith(VERIFIER_PREFIX)
                        || MD5_HASH.matcher(shown.value()).matches())) {
            problems.add(
                    section.line(key),
                    "`%s`: of the password of user %s there is only a hash, with which it cannot log in at PostgreSQL; expected the password itself, as its `server-password`"
                            .formatted(key, Shown.name(role)));
        }
    }

    /** A user needs a password, and one with which Weir can do what is asked for. */
    void user(String name, Section section) {
        boolean hasPassword =
                section.names(UserKeys.USER_PASSWORD) || section.names(UserKeys.USER_PASSWORD_FILE);
        if (needsPassword && !hasPassword) {
            problems.add(
                    section.line(),
                    "user %s has no `password`; expected one, as `auth-type` is %s"
                            .formatted(Shown.name(name), authType()));
        }
        Secret password = section.find(UserKeys.USER_PASSWORD);
        if (password != null) {
            verifier(password.value(), section.line(UserKeys.USER_PASSWORD));
        }
        clear(section, UserKeys.SERVER_PASSWORD);
    }

    private void verifier(String secret, int line) {
        boolean scram =
                top.isSound(LoginKeys.AUTH_TYPE)
                        && top.get(LoginKeys.AUTH_TYPE) == AuthType.SCRAM_SHA_256;
        if (secret.startsWith(VERIFIER_PREFIX) && !VERIFIER.matcher(secret).matches()) {
            problems.add(
                    line,
                    "`password` begins as a SCRAM verifier and is none; expected the whole rolpassword from pg_authid");
        } else if (scram && MD5_HASH.matcher(secret).matches()) {
            problems.add(
                    line,
                    "`password` is an md5 hash, which cannot serve where `auth-type` is scram-sha-256; expected the password or a SCRAM verifier, or `auth-type: md5`");
        }
    }

    /** PostgreSQL is shown passwords; a verifier proves nothing. */
    void clear(Section section, Key<?, Secret> key) {
        Secret secret = section.find(key);
        if (secret != null && secret.value().startsWith(VERIFIER_PREFIX)) {
            problems.add(
                    section.line(key),
                    "`%s` is a SCRAM verifier, with which nobody can log in at PostgreSQL; expected the password itself"
                            .formatted(key));
        }
    }
}
