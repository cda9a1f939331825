package dev.weir.topology;

/** How it is known that a server is there. */
public enum Origin {
    /** It is listed by name or address. */
    LISTED("listed"),
    /** Its primary, or the standby that it streams from, has told of it. */
    REPLICATION("pg_stat_replication"),
    /** It is one of the addresses of a name. */
    DNS("dns");

    private final String text;

    Origin(String text) {
        this.text = text;
    }

    /** In small letters. */
    @Override
    public String toString() {
        return text;
    }
}
