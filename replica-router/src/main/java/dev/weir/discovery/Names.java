package dev.weir.discovery;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** What names stand for. */
public interface Names {
    /** As the JVM finds out, which keeps what it has heard for a while. */
    Names OF_THE_JVM =
            name -> {
                List<String> all = new ArrayList<>();
                for (InetAddress address : InetAddress.getAllByName(name)) {
                    // Which interface such an address means, only this host knows.
                    if (!(address instanceof Inet6Address) || !address.isLinkLocalAddress()) {
                        all.add(address.getHostAddress());
                    }
                }
                return List.copyOf(all);
            };

    /**
     * All IP addresses of a name. May block.
     *
     * @throws UnknownHostException if it has none, or that cannot be found out
     */
    List<String> addresses(String name) throws UnknownHostException;
}
