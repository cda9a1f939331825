package dev.weir.deploy.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a reader needs to know about the machine to judge the numbers. */
final class Facts {
    private static final int MEGA = 1 << 20;

    private Facts() {}

    /** Machine and operating system; the caller adds versions and settings. */
    static Map<String, String> ofMachine() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Date", LocalDate.now(ZoneOffset.UTC).toString());
        facts.put("Kernel", read("/proc/sys/kernel/osrelease"));
        facts.put("System", osName(read("/etc/os-release")));
        facts.put(
                "Processor",
                Runtime.getRuntime().availableProcessors()
                        + " cores, "
                        + field(read("/proc/cpuinfo"), "model name", ":"));
        facts.put("Memory", memory(read("/proc/meminfo")));
        facts.put("Load before", read("/proc/loadavg"));
        facts.put("JDK", System.getProperty("java.vm.vendor") + " " + Runtime.version());
        return facts;
    }

    /** A sentence if other programs keep the machine busy, else an empty string. */
    static String busy() {
        double load = Double.parseDouble(read("/proc/loadavg").split(" ", -1)[0]);
        return load > Runtime.getRuntime().availableProcessors() / 2.0
                ? "Other programs keep this machine busy (load " + load + "): expect noise."
                : "";
    }

    private static String osName(String release) {
        return field(release, "PRETTY_NAME", "=").replace("\"", "");
    }

    private static String memory(String meminfo) {
        String kib = field(meminfo, "MemTotal", ":").replaceAll("\\D", "");
        return kib.isEmpty() ? "unknown" : Long.parseLong(kib) / MEGA + " GiB";
    }

    static String field(String text, String name, String separator) {
        return text.lines()
                .filter(line -> line.startsWith(name))
                .filter(line -> line.contains(separator))
                .map(line -> line.substring(line.indexOf(separator) + 1).strip())
                .findFirst()
                .orElse("unknown");
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
