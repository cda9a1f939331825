package dev.weir.server;

import io.netty.buffer.ByteBuf;

/** Holds a server connection in the instant between its login and its first holder. */
enum Unheld implements ServerConnection.Holder {
    INSTANCE;

    @Override
    public void serverRead(ServerConnection server, ByteBuf bytes) {
        bytes.release();
    }

    @Override
    public ServerView.State purpose() {
        return ServerView.State.USED;
    }

    @Override
    public void serverReadComplete(ServerConnection server) {}

    @Override
    public void serverWritabilityChanged(ServerConnection server) {}

    @Override
    public void serverClosed(ServerConnection server) {}
}
