package dev.weir.session;

import dev.weir.net.BrokenChannel;
import dev.weir.server.ServerConnection;
import dev.weir.telemetry.Count;
import dev.weir.wire.ProtocolException;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/**
 * What a session hears from its client's connection: bytes, room for answers, and its end. On the
 * client's loop.
 */
final class ClientEnd extends ChannelInboundHandlerAdapter {
    private final ClientSession session;
    private final FlowControl flow;
    private final Lending lending;
    private final LeaseEnd leaseEnd;
    private long reads;

    ClientEnd(ClientSession session, FlowControl flow, Lending lending, LeaseEnd leaseEnd) {
        this.session = session;
        this.flow = flow;
        this.lending = lending;
        this.leaseEnd = leaseEnd;
    }

    /** Reads so far. */
    long reads() {
        return reads;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes) || over()) {
            ReferenceCountUtil.release(message);
            return;
        }
        session.stopwatch().counters().add(Count.RECEIVED, bytes.readableBytes());
        reads++;
        try {
            session.clientStream().read(bytes);
        } catch (ProtocolException e) {
            session.farewell(e.sqlState(), String.valueOf(e.getMessage()));
        }
        ServerConnection lent = lending.server();
        if (lent != null && session.replies().isEmpty() && !over()) {
            // The last piece of a message that nobody waits for, such as data of a COPY that has
            // failed meanwhile: no reply will come that could end the lease.
            leaseEnd.ends(lent);
        }
    }

    /** Whether nothing more is heard of what the client says. */
    private boolean over() {
        return session.gone() || session.hasTerminated();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        session.flushServer();
        session.output().flush();
        if (lending.waiting() || session.state().busy() || flow.underPressure()) {
            flow.regulateClient();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (session.gone()) {
            return;
        }
        flow.regulateServer();
        if (context.channel().isWritable()) {
            if (session.clientStream().waitsForOutcome()) {
                session.proceed();
            }
            session.notifications().deliver();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        session.leave();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        BrokenChannel.close(context, cause, "client connection");
    }
}
