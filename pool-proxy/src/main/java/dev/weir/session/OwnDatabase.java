package dev.weir.session;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandler;

import org.jspecify.annotations.Nullable;

/** A database that Weir answers for itself, and never PostgreSQL. Called on clients' loops. */
public interface OwnDatabase {
    /** Whether it goes by this name. */
    boolean isNamed(String database);

    /**
     * What handles a client of it that has proved to be {@code user}, from its greeting on; it
     * takes the place of the login in the pipeline.
     *
     * @return null if that user may not
     */
    @Nullable ChannelInboundHandler open(Channel channel, String user);
}
