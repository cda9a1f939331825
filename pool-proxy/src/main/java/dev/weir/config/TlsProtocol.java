package dev.weir.config;

/** The versions of TLS that are still safe to speak. */
public enum TlsProtocol {
    V1_2("TLSv1.2"),
    V1_3("TLSv1.3");

    private final String javaName;

    TlsProtocol(String javaName) {
        this.javaName = javaName;
    }

    /** As Java's security providers name it. */
    public String javaName() {
        return javaName;
    }
}
