package dev.weir.config;

import dev.weir.config.HbaRule.Address.Network;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Some networks, such as {@code 10.0.0.0/8, ::1}.
 *
 * @param text as configured
 * @param networks at least one
 */
public record Networks(String text, List<Network> networks) {
    public Networks {
        networks = List.copyOf(networks);
    }

    /** Reads a list; an address without a mask is a network of one. */
    static Networks parse(String text) throws BadValueException {
        List<Network> networks = new ArrayList<>();
        for (String each : text.split("[, ]+")) {
            int slash = each.indexOf('/');
            InetAddress base = HbaFile.literal(slash < 0 ? each : each.substring(0, slash));
            if (base == null) {
                throw new BadValueException("has an entry that is no IP address");
            }
            String bits =
                    slash < 0
                            ? String.valueOf(8 * base.getAddress().length)
                            : each.substring(slash + 1);
            networks.add(new Network(base, HbaFile.mask(base, bits)));
        }
        return new Networks(text, networks);
    }

    /** Whether an address is in one of them. */
    public boolean contain(InetAddress address) {
        return networks.stream().anyMatch(network -> network.contains(address));
    }
}
