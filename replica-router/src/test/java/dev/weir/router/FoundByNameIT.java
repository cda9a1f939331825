package dev.weir.router;

import static dev.weir.router.Servers.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.balance.Rules;
import dev.weir.deploy.local.LocalPostgres;
import dev.weir.discovery.Finder;
import dev.weir.discovery.Search;
import dev.weir.failover.Leadership;
import dev.weir.health.Probe;
import dev.weir.topology.Member;
import dev.weir.topology.Node;
import dev.weir.topology.Origin;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.sql.DataSource;

/** Names stand for replicas, now for these and then for those. */
class FoundByNameIT {
    private static LocalPostgres primary;
    private static LocalPostgres replica;
    private static LocalPostgres other;

    /** What is known of names; no other has an address. */
    private final Map<String, List<String>> addresses = new ConcurrentHashMap<>();

    private Nodes nodes;
    private Leadership leadership;
    private Finder finder;
    private volatile int looks;

    @BeforeAll
    static void startServers() {
        primary = LocalPostgres.builder().start();
        replica = primary.replica().start();
        // With another superuser it is no copy of the same template.
        other = LocalPostgres.builder().superuser("boss", "boss").start();
        other.createRole(primary.superuser().name(), primary.superuser().password());
    }

    @AfterAll
    static void stopServers() {
        other.close();
        replica.close();
        primary.close();
    }

    private static DataSource source(Node node) {
        return Servers.source(node, primary.superuser());
    }

    @BeforeEach
    void start() {
        nodes =
                new Nodes(
                        node(primary),
                        List.of(),
                        Rules.DEFAULT,
                        FoundByNameIT::source,
                        this::heard,
                        (_, _) -> {});
        Probe home = nodes.watch(node(primary));
        leadership = new Leadership(home, nodes.probes(), () -> nodes.copiesOf(home));
        await().atMost(Duration.ofSeconds(30)).until(() -> leadership.settled());
    }

    private void heard() {
        Leadership known = leadership;
        if (known != null) {
            known.look();
        }
    }

    @AfterEach
    void stop() {
        finder.close();
        nodes.close();
    }

    private void look(LocalPostgres... named) {
        List<Member> names =
                List.of(named).stream()
                        .map(it -> new Member(new Node("db.test", it.port()), 30, "here"))
                        .toList();
        finder =
                new Finder(
                        new Search(names, Search.Standbys.OFF, 1, Duration.ofMillis(50)),
                        this::resolve,
                        leadership,
                        nodes,
                        found -> {
                            nodes.found(found);
                            nodes.arrange(leadership.leader())
                                    .forEach(it -> nodes.forget(it.node()));
                        });
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private List<String> resolve(String name) throws UnknownHostException {
        looks++;
        List<String> known = addresses.get(name);
        if (known == null) {
            throw new UnknownHostException(name);
        }
        return known;
    }

    private List<Member> members() {
        return nodes.members().stream().map(it -> it.member()).skip(1).toList();
    }

    private void awaitLooks(int more) {
        int before = looks;
        await().atMost(Duration.ofSeconds(30)).until(() -> looks - before > more);
    }

    @Test
    void eachAddressOfANameIsAReplicaUntilItIsNoneForLong() {
        addresses.put("db.test", List.of("127.0.0.1"));
        look(replica);
        await().atMost(Duration.ofSeconds(30)).until(() -> !members().isEmpty());
        assertThat(members()).containsExactly(new Member(node(replica), 30, "here", Origin.DNS));

        addresses.remove("db.test");
        awaitLooks(5);
        assertThat(members()).as("nobody knows").hasSize(1);
        assertThat(finder.complaint()).isEqualTo("the name db.test has no address");

        addresses.put("db.test", List.of());
        await().atMost(Duration.ofSeconds(30)).until(() -> members().isEmpty());
        assertThat(finder.complaint()).isNull();

        addresses.put("db.test", List.of("127.0.0.1"));
        await().atMost(Duration.ofSeconds(30)).until(() -> !members().isEmpty());
    }

    @Test
    void thePrimaryUnderAnotherNameIsNoNodeOfItsOwn() {
        addresses.put("db.test", List.of("localhost"));
        look(primary);
        Probe alias = nodes.watch(new Node("localhost", primary.port()));
        await().atMost(Duration.ofSeconds(30)).until(() -> alias.last() != null);
        awaitLooks(2);

        assertThat(alias.sameServer(leadership.leader())).isTrue();
        assertThat(members()).isEmpty();
        assertThat(finder.complaint()).isNull();
    }

    @Test
    void aServerOfAnotherClusterIsNotTaken() {
        addresses.put("db.test", List.of("127.0.0.1"));
        look(other, replica);

        await().atMost(Duration.ofSeconds(30)).until(() -> !members().isEmpty());
        await().atMost(Duration.ofSeconds(30)).until(() -> finder.complaint() != null);
        assertThat(finder.complaint())
                .startsWith(node(other) + " does not answer: it is of another cluster");
        assertThat(members()).extracting(Member::node).containsExactly(node(replica));
    }
}
