package dev.weir.router;

import dev.weir.balance.Replica;
import dev.weir.balance.Rules;
import dev.weir.discovery.Finder;
import dev.weir.health.Probe;
import dev.weir.topology.Member;
import dev.weir.topology.Node;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;

import javax.sql.DataSource;

/**
 * The servers that one router watches, which come and go. Any thread may use it.
 *
 * <p>Those that it has no member of are on trial: they are asked, and nobody is sent there.
 */
final class Nodes implements Finder.Cluster, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Nodes.class);

    private final Function<Node, DataSource> connections;
    private final Runnable heard;
    private final BiConsumer<Node, DataSource> gone;
    private final Map<Node, DataSource> sources = new ConcurrentHashMap<>();
    private final Map<Node, Probe> probes = new ConcurrentHashMap<>();

    /** In the order of their listing; replaced as a whole. */
    private volatile List<Replica> members = List.of();

    // Under the lock of this object.

    /** The primary as it is configured. */
    private Node home;

    private List<Member> listed;
    private List<Member> found = List.of();
    private Rules rules;

    /** What all must be copies of; see {@link Probe#expect}. */
    private long cluster;

    private boolean closed;

    /**
     * Watches those that are listed.
     *
     * @param home the primary as it is configured
     * @param connections gives connections to the database on a node
     * @param heard called by probes, after each answer and each failure
     * @param gone hears of a node that is watched no more, and how it was connected to; with no
     *     lock held
     */
    Nodes(
            Node home,
            List<Member> listed,
            Rules rules,
            Function<Node, DataSource> connections,
            Runnable heard,
            BiConsumer<Node, DataSource> gone) {
        this.home = home;
        this.connections = connections;
        this.heard = heard;
        this.gone = gone;
        this.listed = List.copyOf(listed);
        this.rules = rules;
        set(wanted());
    }

    /** All that are listed, the primary too. */
    List<Replica> members() {
        return members;
    }

    /** Those who ask the members. */
    @Override
    public List<Probe> probes() {
        return members.stream().map(Replica::probe).toList();
    }

    /** Lists others; {@link #arrange} lets that be so. */
    synchronized void list(Node primary, List<Member> now, Rules chosen) {
        home = primary;
        listed = List.copyOf(now);
        rules = chosen;
    }

    /** Has found these besides; {@link #arrange} lets that be so. */
    synchronized void found(List<Member> now) {
        found = List.copyOf(now);
    }

    @Override
    public synchronized boolean lists(Node node) {
        return node.equals(home) || listed.stream().anyMatch(it -> it.node().equals(node));
    }

    /** What is to be watched; the configured primary comes first. */
    private List<Member> wanted() {
        Map<Node, Member> wanted = new LinkedHashMap<>();
        wanted.put(home, Member.of(home));
        listed.forEach(it -> wanted.put(it.node(), it));
        found.forEach(it -> wanted.putIfAbsent(it.node(), it));
        return new ArrayList<>(wanted.values());
    }

    /**
     * Has as members what is wanted from now on, and the primary in any case.
     *
     * @return those that are members no more, and go on being watched until they are {@link #forget
     *     forgotten}
     */
    synchronized List<Replica> arrange(Probe leader) {
        if (closed) {
            return List.of();
        }
        List<Member> wanted = wanted();
        if (wanted.stream().noneMatch(it -> it.node().equals(leader.node()))) {
            wanted.add(
                    members.stream()
                            .filter(it -> it.probe() == leader)
                            .map(Replica::member)
                            .findFirst()
                            .orElseGet(() -> Member.of(leader.node())));
        }
        return set(wanted);
    }

    /** Who asks a node, from now on if nobody does yet. */
    @Override
    public synchronized Probe watch(Node node) {
        Probe known = probes.get(node);
        if (known != null) {
            return known;
        }
        if (closed) {
            throw new IllegalStateException("the router is closed");
        }
        DataSource source = connections.apply(node);
        sources.put(node, source);
        Probe probe = new Probe(node, source, heard);
        probe.expect(cluster);
        probes.put(node, probe);
        return probe;
    }

    private List<Replica> set(List<Member> wanted) {
        List<Replica> before = members;
        Map<Node, Replica> known = new HashMap<>();
        before.forEach(it -> known.put(it.node(), it));
        boolean late = !before.isEmpty();
        List<Replica> now = new ArrayList<>();
        for (Member member : wanted) {
            Replica replica = known.remove(member.node());
            if (replica == null) {
                replica = new Replica(watch(member.node()), member, rules, late);
                if (late) {
                    LOG.info(
                            "{} ({}) is one of the nodes of {} from now on",
                            member,
                            member.origin(),
                            home);
                }
            } else {
                replica.relist(member, rules);
            }
            now.add(replica);
        }
        members = List.copyOf(now);
        List<Replica> gone = before.stream().filter(it -> known.containsKey(it.node())).toList();
        gone.forEach(it -> LOG.info("{} is none of the nodes of {} any more", it.node(), home));
        return gone;
    }

    @Override
    public boolean forget(Node node) {
        DataSource source;
        synchronized (this) {
            if (members.stream().anyMatch(it -> it.node().equals(node))) {
                return false;
            }
            Probe probe = probes.remove(node);
            if (probe != null) {
                probe.close();
            }
            source = sources.remove(node);
        }
        if (source != null) {
            gone.accept(node, source);
        }
        return true;
    }

    /** All must be copies of that server, whatever it is itself. */
    synchronized void copiesOf(Probe primary) {
        cluster = primary.system();
        probes.values().forEach(probe -> probe.expect(probe == primary ? 0 : cluster));
    }

    @Override
    public Connection connect(Node node) throws SQLException {
        DataSource source = sources.get(node);
        if (source == null) {
            throw new SQLException(node + " is listed no more");
        }
        return source.getConnection();
    }

    @Override
    public synchronized void close() {
        closed = true;
        probes.values().forEach(Probe::close);
    }
}
