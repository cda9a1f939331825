package dev.weir.router;

import dev.weir.balance.Replica;
import dev.weir.balance.Rules;
import dev.weir.classify.Reason;
import dev.weir.classify.Route;
import dev.weir.classify.Verdict;
import dev.weir.classify.WithinTransaction;
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

import java.util.List;
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
    private final Membership membership;
    private final ReplicaSelector selector;
    private final Waits waits;
    private final Verdicts verdicts = new Verdicts();
    private final CatalogWatch catalog;
    private final Vigil vigil;
    private volatile Consumer<Replica> onSilence = _ -> {};

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
        this.membership =
                new Membership(primary, listed, rules, connections, this::told, this::led);
        this.selector = new ReplicaSelector(membership);
        this.waits = new Waits(membership);
        this.catalog =
                new CatalogWatch(() -> primary().node(), membership::connect, verdicts::catalog);
        this.vigil = new Vigil(primary, this::replicas, replica -> onSilence.accept(replica));
        membership.begin();
    }

    private void told() {
        waits.look();
    }

    private void led() {
        catalog.look();
    }

    /**
     * Watches these servers from now on: sessions that are there already are sent to them, too, and
     * leave those that are listed no more with their next statement. The primary stays until
     * another is it, be it listed or not.
     *
     * @param primary as it is configured; a copy of those that are watched
     */
    public void list(Node primary, List<Member> members, Rules chosen) {
        membership.list(primary, members, chosen);
    }

    /**
     * Looks for replicas from now on that nobody has listed, and has them as if they were; or looks
     * no more, and leaves what was found. For one thread at a time.
     */
    public void search(Search wanted) {
        membership.search(wanted);
    }

    /** Why not all replicas are found, as half a sentence; null if nothing is known to be amiss. */
    public @Nullable String complaint() {
        return membership.complaint();
    }

    /** All nodes, the primary too. */
    public List<Node> nodes() {
        return membership.nodes();
    }

    /** How a node is known. */
    public Origin origin(Probe probe) {
        return membership.origin(probe);
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
        membership.onGone(listener);
    }

    /**
     * Who hears of a replica that answers neither its reads nor the router, again and again while
     * it does not: a read of which nothing has come yet is better asked elsewhere. Called on a
     * virtual thread.
     */
    public void onSilence(Consumer<Replica> listener) {
        onSilence = listener;
    }

    /**
     * Who hears when another node is the primary, or the same is it again after it was away; called
     * on any thread, and now if it is known already.
     */
    public void onPrimary(Consumer<Node> listener) {
        membership.onPrimary(listener);
    }

    /** Who is the primary. */
    public Leadership leadership() {
        return membership.leadership();
    }

    /** The timeline of the primary; 0 as long as none has answered. */
    public int timeline() {
        return membership.timeline();
    }

    /** The primary, or the last that was it. */
    public Probe primary() {
        return membership.primary();
    }

    /** All nodes but the primary. */
    public List<Replica> replicas() {
        return membership.replicas();
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
        return selector.choose(floor, most);
    }

    /** Whether a node may be asked to read, if it is fresh enough. */
    public boolean takes(Replica replica) {
        return selector.takes(replica);
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
        Wait wait = new Wait(membership, selector, floor, most, executor, then);
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
        Wait wait = new Wait(membership, selector, floor, null, executor, then);
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
        return selector.settle(floor, most);
    }

    /** Why a read stays that has waited in vain. */
    public Stay reason(Floor floor) {
        return selector.reason(floor);
    }

    /** How far a replica is behind the primary, in bytes of WAL; -1 if that is not known. */
    public long lagBytes(Replica replica) {
        return selector.lagBytes(replica);
    }

    /**
     * For how long the primary has had what a replica does not show yet, in milliseconds: 0 if it
     * shows all there is, however long ago that was written; -1 if it is not known.
     */
    public long lagMillis(Replica replica) {
        return selector.lagMillis(replica);
    }

    /** Stops to watch the servers. */
    @Override
    public void close() {
        catalog.close();
        vigil.close();
        membership.close();
        waits.close();
    }
}
