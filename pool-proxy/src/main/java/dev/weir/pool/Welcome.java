package dev.weir.pool;

import dev.weir.server.ServerParameters;
import dev.weir.server.SessionState;

/**
 * What a server makes of a startup packet's settings.
 *
 * @param parameters what it reports
 * @param state the settings in its own words: {@code ISO, MDY} for {@code ISO}
 */
public record Welcome(ServerParameters parameters, SessionState state) {}
