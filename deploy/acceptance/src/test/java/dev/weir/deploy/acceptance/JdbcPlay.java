package dev.weir.deploy.acceptance;

/**
 * Something that applications do with a connection.
 *
 * @param name what it is about
 * @param script how it is done; it begins and ends outside a transaction, in an empty schema
 */
record JdbcPlay(String name, Script script) {
    interface Script {
        void play(JdbcScene scene) throws Exception;
    }

    @Override
    public String toString() {
        return name;
    }
}
