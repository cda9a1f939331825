package dev.weir.server;

import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import java.util.Map;
import java.util.TreeMap;

/**
 * The values that a server has reported by ParameterStatus (manual section 54.2.7). Immutable: a
 * change makes another set, so two sides that hold the same object agree.
 */
public final class ServerParameters {
    public static final ServerParameters NONE = new ServerParameters(Map.of());

    private final Map<String, String> values;

    /** The messages that report all of it: what every client hears at its login. */
    private final byte[] messages;

    private final boolean plainBackslash;

    public ServerParameters(Map<String, String> values) {
        this.values = Map.copyOf(values);
        plainBackslash = "on".equals(values.get("standard_conforming_strings"));
        ByteBuf out = Unpooled.buffer(512);
        new TreeMap<>(values).forEach((name, value) -> Messages.parameterStatus(out, name, value));
        messages = ByteBufUtil.getBytes(out);
    }

    /** Whether a backslash in a plain string constant is a character like any other. */
    public boolean plainBackslash() {
        return plainBackslash;
    }

    /** By name. */
    public Map<String, String> values() {
        return values;
    }

    /** Appends a ParameterStatus for each value. */
    public void writeTo(ByteBuf out) {
        out.writeBytes(messages);
    }

    /** This set after the server reported {@code name} as {@code value}. */
    public ServerParameters with(String name, String value) {
        if (value.equals(values.get(name))) {
            return this;
        }
        Map<String, String> changed = new TreeMap<>(values);
        changed.put(name, value);
        return new ServerParameters(changed);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof ServerParameters parameters
                        && values.equals(parameters.values));
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return new TreeMap<>(values).toString();
    }
}
