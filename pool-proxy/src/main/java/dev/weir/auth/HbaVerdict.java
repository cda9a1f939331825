package dev.weir.auth;

import dev.weir.config.HbaConfig;
import dev.weir.config.HbaRule;
import dev.weir.config.HbaRule.ClientCert;
import dev.weir.config.HbaRule.Method;
import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/** What the rules of auth-hba-file say to a client. Any thread may use it. */
final class HbaVerdict {
    /** Bytes of a name in PostgreSQL. */
    private static final int MAX_NAME = 63;

    private final HbaRules rules;
    private final IdentMaps maps;

    HbaVerdict(HbaConfig config) {
        rules = new HbaRules(config);
        maps = new IdentMaps(config.maps());
    }

    /** See {@link HbaRules#slow}. */
    boolean slow() {
        return rules.slow();
    }

    /**
     * The method that a client is asked for; empty of meaning if it {@link #refusal is refused}.
     */
    record Outcome(Method method, AuthStep.@Nullable Refused refusal) {}

    /** The rule that counts, and what becomes of the client. */
    Outcome on(Applicant applicant) {
        boolean tooLong = tooLong(applicant.user()) || tooLong(applicant.database());
        HbaRule rule = tooLong ? null : rules.first(applicant);
        if (rule == null) {
            return refused("no entry of auth-hba-file lets in " + described(applicant));
        }
        String where = "auth-hba-file line " + rule.line();
        if (rule.method() == Method.REJECT) {
            AuthStep.Refused refusal =
                    new AuthStep.Refused(
                            SqlState.INVALID_AUTHORIZATION_SPECIFICATION,
                            "auth-hba-file rejects " + described(applicant));
            return new Outcome(Method.REJECT, refusal.because("rejected by " + where));
        }
        String name = applicant.certificateName();
        if (rule.clientCert() != ClientCert.ANY && name == null) {
            return refused("connection requires a valid client certificate");
        }
        if (rule.clientCert() == ClientCert.VERIFY_FULL
                && name != null
                && !maps.allows(rule.map(), name, applicant.user())) {
            AuthStep.Refused refusal =
                    new AuthStep.Refused(
                            SqlState.INVALID_AUTHORIZATION_SPECIFICATION,
                            "certificate authentication failed for user \"%s\""
                                    .formatted(applicant.user()));
            return new Outcome(
                    Method.REJECT,
                    refusal.because(
                            "by %s the certificate of \"%s\" is not the user's"
                                    .formatted(where, name)));
        }
        return new Outcome(rule.method(), null);
    }

    /** PostgreSQL would cut it off, and so mean another one than the rule. */
    private static boolean tooLong(String name) {
        return name.length() > MAX_NAME || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME;
    }

    private static Outcome refused(String message) {
        return new Outcome(
                Method.REJECT,
                new AuthStep.Refused(SqlState.INVALID_AUTHORIZATION_SPECIFICATION, message));
    }

    private static String described(Applicant applicant) {
        String from =
                applicant.address() == null ? "[local]" : applicant.address().getHostAddress();
        return "host \"%s\", user \"%s\", database \"%s\", %s"
                .formatted(
                        from,
                        applicant.user(),
                        applicant.database(),
                        applicant.encrypted() ? "TLS" : "no encryption");
    }
}
