package dev.weir.deploy.bench;

import dev.weir.deploy.local.LocalAuthority;

import java.time.Duration;

/** Starts one kind of proxy, always with the same settings as the others. */
interface ProxyLauncher {
    /** Server connections per pool, for every proxy. */
    int POOL_SIZE = 20;

    /** Prepared statements kept per server connection, for every proxy that can. */
    int MAX_PREPARED_STATEMENTS = 200;

    /** How long a proxy may take until it answers. */
    Duration START_LIMIT = Duration.ofSeconds(30);

    /**
     * What all proxies are told.
     *
     * @param postgres the server behind, which asks {@code postgres.user()} for no password
     * @param login what clients are asked for
     * @param verifier the user's SCRAM-SHA-256 verifier as PostgreSQL stores it
     * @param maxClients client connections
     * @param identity the certificate that is shown where the login is inside TLS
     */
    record Setup(
            Endpoint postgres,
            Login login,
            String verifier,
            int maxClients,
            LocalAuthority.Issued identity) {
        /** The same with another way to log in. */
        Setup with(Login other) {
            return new Setup(postgres, other, verifier, maxClients, identity);
        }
    }

    Contender contender();

    /**
     * Starts a proxy without waiting until it answers. The caller closes it.
     *
     * @return its endpoint and process
     */
    Started launch(Setup setup) throws RoundFailure;

    /**
     * A proxy that may still be starting.
     *
     * @param endpoint where it will listen
     * @param child its process
     */
    record Started(Endpoint endpoint, Child child) {}

    /** Starts a proxy and waits until it answers. The caller closes its process. */
    default Way start(Setup setup) throws RoundFailure, InterruptedException {
        Started started = launch(setup);
        long end = System.nanoTime() + START_LIMIT.toNanos();
        try {
            while (!WireClient.answers(started.endpoint())) {
                if (!started.child().isAlive()) {
                    throw new RoundFailure(
                            contender().label()
                                    + " ended while starting:\n"
                                    + started.child().lastWords());
                }
                if (System.nanoTime() > end) {
                    throw new RoundFailure(
                            contender().label()
                                    + " does not answer within "
                                    + START_LIMIT.toSeconds()
                                    + " s:\n"
                                    + started.child().lastWords());
                }
                Thread.sleep(20);
            }
            return new Way(
                    contender(),
                    started.endpoint(),
                    started.child(),
                    Footprint.of(started.child().handle()));
        } catch (RoundFailure | InterruptedException | RuntimeException e) {
            started.child().close();
            throw e;
        }
    }
}
