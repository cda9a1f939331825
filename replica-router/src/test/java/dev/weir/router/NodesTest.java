package dev.weir.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.balance.Replica;
import dev.weir.balance.Rules;
import dev.weir.health.Probe;
import dev.weir.topology.Member;
import dev.weir.topology.Node;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

class NodesTest {
    private static final Node HOME = new Node("127.0.0.1", 1);
    private static final Node A = new Node("127.0.0.1", 2);
    private static final Node B = new Node("127.0.0.1", 3);

    private final List<Node> gone = new ArrayList<>();
    private final Nodes nodes =
            new Nodes(
                    HOME,
                    List.of(Member.of(A)),
                    Rules.DEFAULT,
                    node -> {
                        PGSimpleDataSource nobody = new PGSimpleDataSource();
                        nobody.setURL("jdbc:postgresql://" + node + "/postgres?user=nobody");
                        return nobody;
                    },
                    () -> {},
                    (node, _) -> gone.add(node));

    @AfterEach
    void close() {
        nodes.close();
    }

    private List<Node> members() {
        return nodes.members().stream().map(Replica::node).toList();
    }

    private void list(Node primary, Member... members) {
        nodes.list(primary, List.of(members), Rules.DEFAULT);
    }

    private Probe home() {
        return nodes.watch(HOME);
    }

    @Test
    void whoeverStaysIsTheSameAsBefore() {
        Replica before = nodes.members().get(1);

        list(HOME, new Member(A, 7, "here"), Member.of(B));

        assertThat(nodes.arrange(home())).isEmpty();
        assertThat(members()).containsExactly(HOME, A, B);
        assertThat(nodes.members().get(1)).isSameAs(before);
        assertThat(before.member().weight()).isEqualTo(7);
    }

    @Test
    void whoeverComesLaterGetsASmallShareAtFirst() {
        list(HOME, Member.of(A), Member.of(B));
        nodes.arrange(home());

        assertThat(nodes.members()).extracting(Replica::share).containsExactly(100, 100, 10);
    }

    @Test
    void whoeverGoesIsConnectedToNoMore() {
        list(HOME, Member.of(B));

        assertThat(nodes.arrange(home())).extracting(Replica::node).containsExactly(A);

        assertThat(members()).containsExactly(HOME, B);
        assertThat(nodes.forget(A)).isTrue();
        assertThat(gone).containsExactly(A);
        assertThatThrownBy(() -> nodes.connect(A))
                .isInstanceOf(SQLException.class)
                .hasMessage("127.0.0.1:2 is listed no more");
    }

    @Test
    void whoeverIsBackBeforeItIsForgottenStays() {
        Probe probe = nodes.watch(A);
        list(HOME);
        nodes.arrange(home());
        list(HOME, Member.of(A));
        nodes.arrange(home());

        assertThat(nodes.forget(A)).isFalse();
        assertThat(gone).isEmpty();
        assertThat(nodes.watch(A)).isSameAs(probe);
    }

    @Test
    void thePrimaryStaysUntilAnotherIsIt() {
        Probe leader = nodes.watch(A);
        list(B, Member.of(HOME));

        nodes.arrange(leader);
        assertThat(members()).containsExactly(B, HOME, A);
        assertThat(nodes.watch(A)).isSameAs(leader);

        assertThat(nodes.arrange(nodes.watch(B))).extracting(Replica::node).containsExactly(A);
        assertThat(members()).containsExactly(B, HOME);
    }

    @Test
    void nothingIsWatchedAfterTheEnd() {
        nodes.close();
        list(HOME, Member.of(B));

        assertThat(nodes.arrange(home())).isEmpty();
        assertThat(members()).containsExactly(HOME, A);
    }
}
