package dev.weir.deploy.bench;

/**
 * Where a client connects, and as whom. The host is always a TCP address of this machine: every
 * contender is reached the same way.
 *
 * @param host IP address
 * @param port 1 to 65535
 * @param database as the client asks for it
 * @param user as the client names itself
 * @param password used only where the server asks for one
 */
record Endpoint(String host, int port, String database, String user, String password) {
    Endpoint at(int otherPort) {
        return new Endpoint(host, otherPort, database, user, password);
    }

    Endpoint in(String otherDatabase) {
        return new Endpoint(host, port, otherDatabase, user, password);
    }

    Endpoint as(String otherUser) {
        return new Endpoint(host, port, database, otherUser, password);
    }
}
