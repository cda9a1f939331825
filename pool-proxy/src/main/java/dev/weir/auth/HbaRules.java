package dev.weir.auth;

import dev.weir.config.HbaConfig;
import dev.weir.config.HbaRule;
import dev.weir.config.HbaRule.Address;
import dev.weir.config.HbaRule.Name;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Finds the rule that counts for a client (manual section 20.1). Any thread may use it. */
final class HbaRules {
    private final List<HbaRule> rules;
    private final Map<String, Pattern> patterns = new HashMap<>();
    private final boolean slow;

    HbaRules(HbaConfig config) {
        rules = config.rules();
        boolean asksTheKernel = false;
        for (HbaRule rule : rules) {
            rule.databases().forEach(this::compile);
            rule.users().forEach(this::compile);
            asksTheKernel |=
                    rule.address() instanceof Address.SameHost
                            || rule.address() instanceof Address.SameNet;
        }
        slow = asksTheKernel || !patterns.isEmpty();
    }

    private void compile(Name name) {
        if (name instanceof Name.Regex(String expression)) {
            patterns.computeIfAbsent(expression, Pattern::compile);
        }
    }

    /**
     * Whether the search may take more than microseconds: an expression of the operator's meets a
     * name of the client's choice, or the kernel is asked for this machine's addresses.
     */
    boolean slow() {
        return slow;
    }

    /** The first rule that fits; null if none does. */
    @Nullable HbaRule first(Applicant applicant) {
        for (HbaRule rule : rules) {
            if (fits(rule, applicant)) {
                return rule;
            }
        }
        return null;
    }

    private boolean fits(HbaRule rule, Applicant applicant) {
        return channel(rule, applicant)
                && rule.databases().stream()
                        .anyMatch(name -> named(name, applicant.database(), applicant.user()))
                && rule.users().stream()
                        .anyMatch(name -> named(name, applicant.user(), applicant.user()));
    }

    private static boolean channel(HbaRule rule, Applicant applicant) {
        InetAddress address = applicant.address();
        boolean kind =
                switch (rule.type()) {
                    case LOCAL -> address == null;
                    case HOST -> address != null;
                    case HOSTSSL -> address != null && applicant.encrypted();
                    case HOSTNOSSL -> address != null && !applicant.encrypted();
                };
        Address wanted = rule.address();
        return kind && (address == null || wanted == null || within(wanted, address));
    }

    private boolean named(Name name, String actual, String user) {
        return switch (name) {
            case Name.All _ -> true;
            case Name.SameUser _ -> actual.equals(user);
            case Name.Replication _ -> false;
            case Name.Exact(String exact) -> exact.equals(actual);
            case Name.Regex(String expression) -> {
                Pattern pattern = patterns.get(expression);
                yield pattern != null && pattern.matcher(actual).find();
            }
        };
    }

    // ---- addresses ----

    private static boolean within(Address wanted, InetAddress address) {
        return switch (wanted) {
            case Address.All _ -> true;
            case Address.Network network -> network.contains(address);
            case Address.SameHost _ -> ofThisMachine(address, false);
            case Address.SameNet _ -> ofThisMachine(address, true);
        };
    }

    private static boolean ofThisMachine(InetAddress address, boolean wholeNetworks) {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(each -> each.getInterfaceAddresses().stream())
                    .anyMatch(own -> near(own, address, wholeNetworks));
        } catch (SocketException e) {
            return false;
        }
    }

    private static boolean near(InterfaceAddress own, InetAddress address, boolean wholeNetwork) {
        InetAddress base = own.getAddress();
        if (!wholeNetwork) {
            return Arrays.equals(base.getAddress(), address.getAddress());
        }
        byte[] mask = new byte[base.getAddress().length];
        for (int i = 0; i < mask.length; i++) {
            int ones = Math.clamp(own.getNetworkPrefixLength() - 8L * i, 0, 8);
            mask[i] = (byte) (0xff << (8 - ones));
        }
        try {
            return new Address.Network(base, InetAddress.getByAddress(mask)).contains(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
