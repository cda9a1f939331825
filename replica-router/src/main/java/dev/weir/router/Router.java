package dev.weir.router;

import dev.weir.balance.Balance;
import dev.weir.balance.Replica;
import dev.weir.balance.Rules;
import dev.weir.classify.Reason;
import dev.weir.classify.Route;
import dev.weir.classify.Verdict;
import dev.weir.classify.WithinTransaction;
import dev.weir.discovery.Finder;
import dev.weir.discovery.Names;
import dev.weir.discovery.Search;
import dev.weir.failover.Leadership;
import dev.weir.freshness.Floor;
import dev.weir.freshness.FloorToken;
import dev.weir.freshness.MaxLag;
import dev.weir.health.Probe;
import dev.weir.topology.Member;
import dev.weir.topology.Node;
import dev.weir.topology.Origin;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

import javax.sql.DataSource;

/**
 * Decides for one database where a read goes: to a replica that shows all that its session may have
 * seen, or to the primary. Never blocks; any thread may use it.
 *
 * <pre>{@code
 * Verdict verdict = router.verdict(sql);
 * Router.Choice choice = verdict.mayLeave() ? router.choose(floor) : Router.Choice.PRIMARY;
 * }</pre>
 */
public final class Router implements AutoCloseable {
    private final Leadership leadership;
    private final Nodes nodes;
    private final Waits waits;
    private final Balance balance = new Balance();
    private final Verdicts verdicts = new Verdicts();
    private final CatalogWatch catalog;
    private final Vigil vigil;

    /** All nodes but the primary; replaced as a whole. */
    private volatile List<Replica> replicas = List.of();

    /** Null while nobody looks for replicas. */
    private volatile @Nullable Finder finder;

    /** Of which cluster the primary was when that was told to all; for {@link #heard}. */
    private volatile long cluster;

    /** Hears when another node is the primary, or the same is it again. */
    private volatile Consumer<Node> onPrimary = _ -> {};

    private volatile boolean closed;
    private volatile Consumer<Replica> onSilence = _ -> {};
    private volatile BiConsumer<Node, DataSource> onGone = (_, _) -> {};

    /**
     * What to do with a read.
     *
     * @param replica where it goes; null for the primary
     * @param stay why it stays on the primary; null if it does not
     */
    public record Choice(@Nullable Replica replica, @Nullable Stay stay) {
        /** A statement that belongs on the primary. */
        public static final Choice PRIMARY = new Choice(null, null);
    }

    /**
     * Starts to watch servers that are all alike.
     *
     * @param connections gives connections to the database on a node, as somebody who may log in
     */
    public Router(Node primary, List<Node> replicas, Function<Node, DataSource> connections) {
        this(primary, replicas.stream().map(Member::of).toList(), Rules.DEFAULT, connections);
    }

    /**
     * Starts to watch the servers.
     *
     * @param listed those that may answer reads; the primary may be among them, for later
     * @param connections gives connections to the database on a node, as somebody who may log in
     */
    public Router(
            Node primary,
            List<Member> listed,
            Rules rules,
            Function<Node, DataSource> connections) {
        CountDownLatch ready = new CountDownLatch(1);
        this.waits = new Waits(this);
        this.nodes =
                new Nodes(
                        primary,
                        listed,
                        rules,
                        connections,
                        () -> heard(ready),
                        (node, source) -> onGone.accept(node, source));
        this.leadership = new Leadership(nodes.watch(primary), nodes.probes(), this::primaryKnown);
        arrange();
        ready.countDown();
        this.catalog = new CatalogWatch(() -> primary().node(), nodes::connect, verdicts::catalog);
        this.vigil = new Vigil(primary, this::replicas, replica -> onSilence.accept(replica));
    }

    /**
     * Watches these servers from now on: sessions that are there already are sent to them, too, and
     * leave those that are listed no more with their next statement. The primary stays until
     * another is it, be it listed or not.
     *
     * @param primary as it is configured; a copy of those that are watched
     */
    public void list(Node primary, List<Member> members, Rules chosen) {
        nodes.list(primary, members, chosen);
        dismiss(arrange());
    }

    /**
     * Looks for replicas from now on that nobody has listed, and has them as if they were; or looks
     * no more, and leaves what was found. For one thread at a time.
     */
    public void search(Search wanted) {
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
    public @Nullable String complaint() {
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
    public List<Node> nodes() {
        return nodes.members().stream().map(Replica::node).toList();
    }

    /** How a node is known. */
    public Origin origin(Probe probe) {
        return nodes.members().stream()
                .filter(it -> it.probe() == probe)
                .map(it -> it.member().origin())
                .findFirst()
                .orElse(Origin.LISTED);
    }

    /** Whether it is one of the nodes. */
    public boolean has(Node node) {
        return nodes().contains(node);
    }

    /**
     * Who hears of a node that is watched no more, and of the source of its connections: what leads
     * there can be closed. Called on any thread, with no lock held.
     */
    public void onGone(BiConsumer<Node, DataSource> listener) {
        onGone = listener;
    }

    /**
     * Who hears of a replica that answers neither its reads nor the router, again and again while
     * it does not: a read of which nothing has come yet is better asked elsewhere. Called on a
     * virtual thread.
     */
    public void onSilence(Consumer<Replica> listener) {
        onSilence = listener;
    }

    /** A server has told something new; from its probe. */
    private void heard(CountDownLatch ready) {
        try {
            ready.await();
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
            waits.look();
        }
    }

    private void primaryKnown() {
        List<Replica> gone = arrange();
        Probe leader = leadership.leader();
        nodes.copiesOf(leader);
        onPrimary.accept(leader.node());
        dismiss(gone);
        catalog.look();
        Finder looking = finder;
        if (looking != null) {
            looking.soon();
        }
    }

    /**
     * Who hears when another node is the primary, or the same is it again after it was away; called
     * on any thread, and now if it is known already.
     */
    public void onPrimary(Consumer<Node> listener) {
        onPrimary = listener;
        if (leadership.settled()) {
            listener.accept(primary().node());
        }
    }

    /** Who is the primary. */
    public Leadership leadership() {
        return leadership;
    }

    /** The timeline of the primary; 0 as long as none has answered. */
    public int timeline() {
        return leadership.timeline();
    }

    /** The primary, or the last that was it. */
    public Probe primary() {
        return leadership.leader();
    }

    /** All nodes but the primary. */
    public List<Replica> replicas() {
        return replicas;
    }

    /** Whether a statement, in the bytes of its text, may leave the primary. */
    public Verdict verdict(byte[] text) {
        return verdicts.of(text, false);
    }

    /**
     * The same in a session that asks for a place; a comment in the text counts for more.
     *
     * @param session what it asks for
     */
    public Verdict verdict(byte[] text, Route session) {
        return session == Route.PRIMARY && Route.hint(text) != Route.REPLICA
                ? Verdict.of(Reason.ROUTE)
                : verdicts.of(text, session == Route.REPLICA);
    }

    /**
     * The same.
     *
     * @param last what the session has asked last
     */
    public Verdict verdict(byte[] text, Route session, LastVerdict last) {
        return session == Route.PRIMARY
                ? verdict(text, session)
                : verdicts.of(text, session == Route.REPLICA, last);
    }

    /**
     * Whether a statement may be sent to a replica within a READ ONLY transaction, as its first.
     *
     * @param route what its session asks for
     */
    public Verdict verdictWithin(byte[] text, Route route) {
        return WithinTransaction.classify(text, verdict(text, route), it -> verdict(it, route));
    }

    /** A replica has refused a statement that was taken for a read. */
    public void refused(byte[] text) {
        verdicts.remember(text, new Verdict(Reason.REFUSED, ""));
    }

    /**
     * Where a read of a session goes, if that can be told at once.
     *
     * @return null if it is worth while to {@link #await} an answer of a server
     */
    public @Nullable Choice choose(Floor floor) {
        return choose(floor, MaxLag.OFF);
    }

    /**
     * The same of a session that does not want to be answered by a replica that is further behind.
     *
     * @return null if it is worth while to {@link #await} an answer of a server
     */
    public @Nullable Choice choose(Floor floor, MaxLag most) {
        int timeline = leadership.timeline();
        Probe primary = leadership.leader();
        Replica here = stays(floor);
        if (here != null
                && within(here, most)
                && !balance.leaves(here, replicas, timeline)
                && !floor.resolve(primary, timeline)) {
            return new Choice(here, null);
        }
        boolean any = false;
        boolean near = false;
        for (Replica replica : replicas) {
            boolean taken = takes(replica);
            any |= taken;
            near |= taken && within(replica, most);
        }
        if (!near) {
            return new Choice(null, any ? Stay.LAGS : Stay.NO_REPLICA);
        }
        if (!floor.resolve(primary, timeline)) {
            return primary.failure() == null ? null : new Choice(null, Stay.NO_FLOOR);
        }
        Replica fresh = fresh(floor.lsn(), most);
        return fresh == null ? null : new Choice(fresh, null);
    }

    /** The replica that the session was at last, if it may read there without any question. */
    private @Nullable Replica stays(Floor floor) {
        Replica here = replica(floor.unresolved());
        return here != null && floor.stays(here.probe()) && takes(here) ? here : null;
    }

    /** Whether a node may be asked to read, if it is fresh enough. */
    public boolean takes(Replica replica) {
        return replica.ready() && replica.follows(leadership.timeline());
    }

    private boolean within(Replica replica, MaxLag most) {
        return !replica.tooFarBehind()
                && (most == MaxLag.OFF || most.allows(lagMillis(replica), lagBytes(replica)));
    }

    private @Nullable Replica replica(@Nullable Probe probe) {
        if (probe != null) {
            for (Replica replica : replicas) {
                if (replica.probe() == probe) {
                    return replica;
                }
            }
        }
        return null;
    }

    /** The one that shall answer a read which must see all up to {@code lsn}; null if none may. */
    @Nullable Replica fresh(long lsn, MaxLag most) {
        List<Replica> near =
                most == MaxLag.OFF
                        ? replicas
                        : replicas.stream().filter(it -> within(it, most)).toList();
        return balance.choose(near, leadership.timeline(), lsn);
    }

    /** Whether no other is well that would go before this one, were it as fresh. */
    boolean prefers(Replica fresh) {
        return balance.prefers(fresh, replicas);
    }

    /**
     * Waits until {@link #choose} would tell more.
     *
     * @param then run on {@code executor}, once; it asks {@link #choose} again, and takes the
     *     primary if that still does not tell
     * @return to be {@link Wait#expire}d when it has taken too long
     */
    public Wait await(Floor floor, Executor executor, Runnable then) {
        return await(floor, MaxLag.OFF, executor, then);
    }

    /** The same of a session that does not want a replica that is further behind. */
    public Wait await(Floor floor, MaxLag most, Executor executor, Runnable then) {
        Wait wait = new Wait(this, floor, most, executor, then);
        waits.add(wait);
        return wait;
    }

    /**
     * Waits until the floor of a session can be resolved, whatever replica has reached it.
     *
     * @param then run on {@code executor}, once
     * @return to be {@link Wait#expire}d when it has taken too long
     */
    public Wait awaitFloor(Floor floor, Executor executor, Runnable then) {
        Wait wait = new Wait(this, floor, null, executor, then);
        waits.add(wait);
        return wait;
    }

    /** Turns what a session has visited into a position; null if no server has told one since. */
    public @Nullable FloorToken token(Floor floor) {
        return floor.resolve(primary(), timeline())
                ? new FloorToken(floor.timeline(), floor.lsn())
                : null;
    }

    /** Lets a session see at least what the token of another tells of. */
    public void raise(Floor floor, FloorToken token) {
        if (token.told()) {
            floor.raise(primary(), token.timeline(), token.lsn());
        } else {
            floor.raiseToNow(primary(), token.timeline());
        }
    }

    /** Where a read goes that does not wait, or has waited in vain. */
    public Choice settle(Floor floor, MaxLag most) {
        Replica here = stays(floor);
        if (here != null && within(here, most)) {
            return new Choice(here, null);
        }
        return new Choice(null, reason(floor));
    }

    /** Why a read stays that has waited in vain. */
    public Stay reason(Floor floor) {
        return floor.resolve(primary(), timeline()) ? Stay.NOT_FRESH : Stay.NO_FLOOR;
    }

    /** Lets all servers be asked without a pause, or only now and then. */
    void hurry(boolean wanted) {
        if (wanted) {
            nodes.members().forEach(node -> node.probe().hurry());
        } else {
            nodes.members().forEach(node -> node.probe().rest());
        }
    }

    /** How far a replica is behind the primary, in bytes of WAL; -1 if that is not known. */
    public long lagBytes(Replica replica) {
        return Lags.bytes(primary(), replica.probe());
    }

    /**
     * For how long the primary has had what a replica does not show yet, in milliseconds: 0 if it
     * shows all there is, however long ago that was written; -1 if it is not known.
     */
    public long lagMillis(Replica replica) {
        return Lags.millis(primary(), replica.probe());
    }

    /** Stops to watch the servers. */
    @Override
    public void close() {
        closed = true;
        search(Search.NONE);
        catalog.close();
        vigil.close();
        nodes.close();
        waits.close();
    }
}
