package dev.weir.deploy.bench;

/** The ways to the database that are measured side by side. */
enum Contender {
    /** PostgreSQL with nothing between. */
    DIRECT("direct"),
    PGBOUNCER("PgBouncer"),
    WEIR("Weir");

    private final String label;

    Contender(String label) {
        this.label = label;
    }

    /** As tables show it. */
    String label() {
        return label;
    }
}
