package dev.weir.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.topology.Node;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
    @ParameterizedTest
    @CsvSource({
        "db-2, db-2, 5432",
        "db-2.shop.svc:5433, db-2.shop.svc, 5433",
        "10.0.0.2, 10.0.0.2, 5432",
        "10.0.0.2:1, 10.0.0.2, 1",
        "[::1], ::1, 5432",
        "[fd00::2]:65535, fd00::2, 65535",
    })
    void aNameMaySayWhereItsServerIs(String name, String host, int port) {
        assertThat(Addresses.parse(name, 5432)).isEqualTo(new Node(host, port));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "my standby", "a:", "a:0", "a:65536", "::1", "a:b", "[a]", "/tmp"})
    void anyOtherSaysNothing(String name) {
        assertThat(Addresses.parse(name, 5432)).isNull();
    }

    @Test
    void whatAServerSeesOnItsOwnHostIsThere() {
        Node server = new Node("db.example.com", 5432);

        assertThat(Addresses.seenFrom(server, "127.0.0.1")).isEqualTo("db.example.com");
        assertThat(Addresses.seenFrom(server, "::1")).isEqualTo("db.example.com");
        assertThat(Addresses.seenFrom(server, "10.0.0.2")).isEqualTo("10.0.0.2");
    }
}
