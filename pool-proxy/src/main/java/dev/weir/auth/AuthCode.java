package dev.weir.auth;

/** The codes of Authentication messages that Weir knows (manual section 54.7). */
final class AuthCode {
    static final int OK = 0;
    static final int CLEARTEXT_PASSWORD = 3;
    static final int MD5_PASSWORD = 5;
    static final int SASL = 10;
    static final int SASL_CONTINUE = 11;
    static final int SASL_FINAL = 12;

    private AuthCode() {}

    /** The name of a method that Weir does not speak. */
    static String nameOf(int code) {
        return switch (code) {
            case 2 -> "Kerberos V5";
            case 7, 8 -> "GSSAPI";
            case 9 -> "SSPI";
            default -> "number " + code;
        };
    }
}
