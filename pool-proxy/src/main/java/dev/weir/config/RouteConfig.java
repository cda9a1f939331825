package dev.weir.config;

import dev.weir.classify.Route;
import dev.weir.freshness.MaxLag;

import org.jspecify.annotations.Nullable;

/**
 * What the sessions of a database or a user ask of the routing, as long as they do not say
 * otherwise.
 *
 * @param route where they want to be answered; null if it is not said
 * @param maxLag how far a replica may be behind at most; null if it is not said
 */
public record RouteConfig(@Nullable Route route, @Nullable MaxLag maxLag) {
    /** Nothing is said. */
    public static final RouteConfig NONE = new RouteConfig(null, null);
}
