package dev.weir.config;

/** How much TLS there has to be, in the words of libpq's {@code sslmode}. */
public enum TlsMode {
    DISABLE,
    ALLOW,
    PREFER,
    REQUIRE,
    VERIFY_CA,
    VERIFY_FULL;

    /** Whether there is TLS at all. */
    public boolean offered() {
        return this != DISABLE;
    }

    /** Whether nobody may do without. */
    public boolean required() {
        return compareTo(REQUIRE) >= 0;
    }

    /** Whether the other side has to show a certificate that can be trusted. */
    public boolean verifies() {
        return compareTo(VERIFY_CA) >= 0;
    }
}
