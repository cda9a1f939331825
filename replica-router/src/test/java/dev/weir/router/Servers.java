package dev.weir.router;

import dev.weir.deploy.local.Credentials;
import dev.weir.deploy.local.LocalPostgres;
import dev.weir.topology.Node;

import org.postgresql.ds.PGSimpleDataSource;

import javax.sql.DataSource;

/** Servers of a test as a router is told of them. */
final class Servers {
    private Servers() {}

    static Node node(LocalPostgres server) {
        return new Node("127.0.0.1", server.port());
    }

    /**
     * Connections to a node as the superuser of a server; an application would keep a pool for
     * each.
     */
    static DataSource source(Node node, Credentials superuser) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl("jdbc:postgresql://" + node + "/postgres");
        source.setUser(superuser.name());
        source.setPassword(superuser.password());
        return source;
    }
}
