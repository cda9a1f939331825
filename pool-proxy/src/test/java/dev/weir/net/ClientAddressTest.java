package dev.weir.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;

class ClientAddressTest {
    private static InetAddress network(String address) throws Exception {
        return ClientAddress.network(InetAddress.getByName(address));
    }

    @Test
    void anIpv6AddressCountsByItsFirst64Bits() throws Exception {
        assertThat(network("2001:db8:1:2:3:4:5:6"))
                .isEqualTo(network("2001:db8:1:2::9"))
                .isNotEqualTo(network("2001:db8:1:3:3:4:5:6"));
        assertThat(ClientAddress.networkText(InetAddress.getByName("2001:db8:1:2:3:4:5:6")))
                .isEqualTo("2001:db8:1:2:0:0:0:0/64");
    }

    @Test
    void anIpv4AddressCountsAsItIsAlsoWithinAnIpv6One() throws Exception {
        assertThat(network("192.0.2.1")).isNotEqualTo(network("192.0.2.2"));
        assertThat(network("::ffff:192.0.2.1")).isEqualTo(network("192.0.2.1"));
        assertThat(ClientAddress.networkText(InetAddress.getByName("192.0.2.1")))
                .isEqualTo("192.0.2.1");
    }
}
