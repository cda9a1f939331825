package dev.weir.deploy.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was asked for.
 *
 * @param installation the programs
 * @param data the folder to keep, or empty for a temporary one
 * @param port 1 to 65535, or 0 for a free one
 * @param superuser made with the data folder
 * @param authMethod how the other roles log in (manual 20.1)
 * @param hba lines of pg_hba.conf that stand before that of the other roles
 * @param settings the server's, by name
 * @param files what is copied into the data folder before each start, by its name there
 * @param startTimeout until connections must be accepted, recovery included
 * @param upstream the server that it is made as a replica of; empty for a primary
 */
record PostgresSpec(
        PostgresInstallation installation,
        Optional<Path> data,
        int port,
        Credentials superuser,
        String authMethod,
        List<String> hba,
        Map<String, String> settings,
        Map<String, Path> files,
        Duration startTimeout,
        Optional<LocalPostgres> upstream) {

    PostgresSpec withUpstream(LocalPostgres server) {
        return new PostgresSpec(
                installation,
                data,
                port,
                superuser,
                authMethod,
                hba,
                settings,
                files,
                startTimeout,
                Optional.of(server));
    }

    /** All settings for a start on this port; what was asked for wins over what is usual here. */
    Map<String, String> allSettings(int actualPort, Path socketFolder) {
        Map<String, String> all = new LinkedHashMap<>();
        if (data.isEmpty()) {
            // The folder is gone after a crash of the machine, so nothing needs to survive one.
            all.put("fsync", "off");
            all.put("full_page_writes", "off");
            // Shared memory in files of the data folder: they go with it, even after kill -9.
            all.put("dynamic_shared_memory_type", "mmap");
        }
        if (authMethod.equals("md5")) {
            // The method md5 asks for SCRAM if that is what is stored (manual 20.5).
            all.put("password_encryption", "md5");
        }
        // What a replica that was away for a while still asks for.
        all.put("wal_keep_size", "512MB");
        // Five seconds are long for somebody who watches.
        all.put("wal_retrieve_retry_interval", "200ms");
        upstream.ifPresent(it -> {
            all.put("primary_conninfo", it.replicationConnection());
            // How the primary calls it, as in synchronous_standby_names.
            all.put("cluster_name", "replica_" + actualPort);
        });
        all.putAll(settings);
        all.put("listen_addresses", Ports.LOOPBACK);
        all.put("port", Integer.toString(actualPort));
        all.put("unix_socket_directories", socketFolder.toString());
        all.put("logging_collector", "off");
        return all;
    }

    /** All lines of pg_hba.conf; the first that matches decides. */
    List<String> allHba() {
        String owner = "\"" + superuser.name().replace("\"", "\"\"") + "\"";
        List<String> lines = new ArrayList<>();
        lines.add("# Written anew by each start.");
        lines.add("local all " + owner + " scram-sha-256");
        lines.add("host all " + owner + " " + Ports.LOOPBACK + "/32 scram-sha-256");
        lines.add("host replication " + owner + " " + Ports.LOOPBACK + "/32 scram-sha-256");
        lines.addAll(hba);
        lines.add("local all all " + authMethod);
        lines.add("host all all " + Ports.LOOPBACK + "/32 " + authMethod);
        return lines;
    }
}
