package dev.weir.router;

import dev.weir.balance.Replica;
import dev.weir.balance.Rules;
import dev.weir.discovery.Finder;
import dev.weir.discovery.Names;
import dev.weir.discovery.Search;
import dev.weir.failover.Leadership;
import dev.weir.health.Probe;
import dev.weir.topology.Member;
import dev.weir.topology.Node;
import dev.weir.topology.Origin;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

import javax.sql.DataSource;

/**
 * Which servers belong to one database, by what is listed and what is found, and who of them is the
 * primary now. Any thread may use it.
 */
final class Membership implements AutoCloseable {
    private final Leadership leadership;
    private final Nodes nodes;
    private final Runnable told;
    private final Runnable led;
    private final CountDownLatch begun = new CountDownLatch(1);

    /** All nodes but the primary; replaced as a whole. */
    private volatile List<Replica> replicas = List.of();

    /** Null while nobody looks for replicas. */
    private volatile @Nullable Finder finder;

    /** Of which cluster the primary was when that was told to all; for {@link #heard}. */
    private volatile long cluster;

    /** Hears when another node is the primary, or the same is it again. */
    private volatile Consumer<Node> onPrimary = _ -> {};

    private volatile BiConsumer<Node, DataSource> onGone = (_, _) -> {};
    private volatile boolean closed;

    /**
     * Starts to watch the servers.
     *
     * @param listed those that may answer reads; the primary may be among them, for later
     * @param connections gives connections to the database on a node
     * @param told called when a server has told something new, but not before {@link #begin}
     * @param led called when another node is the primary, or the same is it again, after all others
     *     know; likewise
     */
    Membership(
            Node primary,
            List<Member> listed,
            Rules rules,
            Function<Node, DataSource> connections,
            Runnable told,
            Runnable led) {
        this.told = told;
        this.led = led;
        this.nodes =
                new Nodes(
                        primary,
                        listed,
                        rules,
                        connections,
                        this::heard,
                        (node, source) -> onGone.accept(node, source));
        this.leadership = new Leadership(nodes.watch(primary), nodes.probes(), this::primaryKnown);
        arrange();
    }

    /** Lets those know from now on who hear of what the servers tell. */
    void begin() {
        begun.countDown();
    }

    // ---- who belongs to it ----

    /** Lists others; see {@link Router#list}. */
    void list(Node primary, List<Member> members, Rules chosen) {
        nodes.list(primary, members, chosen);
        dismiss(arrange());
    }

    /** Looks for replicas that nobody has listed; see {@link Router#search}. */
    void search(Search wanted) {
        Finder looking = finder;
        if (!wanted.any()) {
            if (looking != null) {
                looking.close();
                finder = null;
                found(List.of());
            }
        } else if (looking == null) {
            finder = new Finder(wanted, Names.OF_THE_JVM, leadership, nodes, this::found);
        } else {
            looking.search(wanted);
        }
    }

    private void found(List<Member> members) {
        nodes.found(members);
        dismiss(arrange());
    }

    /** Why not all replicas are found, as half a sentence; null if nothing is known to be amiss. */
    @Nullable String complaint() {
        Finder looking = finder;
        return looking == null ? null : looking.complaint();
    }

    /**
     * Lets that be so.
     *
     * @return what is watched no more, to be {@link #dismiss}ed without a lock held
     */
    private synchronized List<Replica> arrange() {
        List<Replica> gone = new ArrayList<>();
        do {
            Probe leader = leadership.leader();
            gone.addAll(nodes.arrange(leader));
            replicas = nodes.members().stream().filter(it -> it.probe() != leader).toList();
            // Unless another has become the primary meanwhile.
        } while (!leadership.nodes(nodes.probes()));
        return gone;
    }

    private void dismiss(List<Replica> gone) {
        gone.forEach(replica -> nodes.forget(replica.node()));
    }

    /** All nodes, the primary too. */
    List<Node> nodes() {
        return nodes.members().stream().map(Replica::node).toList();
    }

    /** All nodes but the primary. */
    List<Replica> replicas() {
        return replicas;
    }

    /** How a node is known. */
    Origin origin(Probe probe) {
        return nodes.members().stream()
                .filter(it -> it.probe() == probe)
                .map(it -> it.member().origin())
                .findFirst()
                .orElse(Origin.LISTED);
    }

    /** Who hears of a node that is watched no more; see {@link Router#onGone}. */
    void onGone(BiConsumer<Node, DataSource> listener) {
        onGone = listener;
    }

    // ---- what they tell ----

    /** A server has told something new; from its probe. */
    private void heard() {
        try {
            begun.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (!closed) {
            leadership.look();
            Probe primary = primary();
            if (primary.last() != null && primary.system() != cluster) {
                cluster = primary.system();
                nodes.copiesOf(primary);
            }
            Lags.tell(primary, replicas);
            told.run();
        }
    }

    private void primaryKnown() {
        List<Replica> gone = arrange();
        Probe leader = leadership.leader();
        nodes.copiesOf(leader);
        onPrimary.accept(leader.node());
        dismiss(gone);
        led.run();
        Finder looking = finder;
        if (looking != null) {
            looking.soon();
        }
    }

    /** Lets all servers be asked without a pause, or only now and then. */
    void hurry(boolean wanted) {
        if (wanted) {
            nodes.members().forEach(node -> node.probe().hurry());
        } else {
            nodes.members().forEach(node -> node.probe().rest());
        }
    }

    // ---- who is the primary ----

    Leadership leadership() {
        return leadership;
    }

    /** The primary, or the last that was it. */
    Probe primary() {
        return leadership.leader();
    }

    /** The timeline of the primary; 0 as long as none has answered. */
    int timeline() {
        return leadership.timeline();
    }

    /** Who hears when another node is the primary; see {@link Router#onPrimary}. */
    void onPrimary(Consumer<Node> listener) {
        onPrimary = listener;
        if (leadership.settled()) {
            listener.accept(primary().node());
        }
    }

    /** Connects to one of the nodes. */
    Connection connect(Node node) throws SQLException {
        return nodes.connect(node);
    }

    @Override
    public void close() {
        closed = true;
        search(Search.NONE);
        nodes.close();
    }
}
