package dev.weir.config;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/**
 * The Unix-domain socket that clients on this host may connect to.
 *
 * @param folder where it is, under PostgreSQL's name; null for none
 * @param mode its permissions, such as octal 0770
 */
public record UnixSocketConfig(@Nullable Path folder, int mode) {
    /** No such socket. */
    public static final UnixSocketConfig NONE = new UnixSocketConfig(null, 0777);
}
