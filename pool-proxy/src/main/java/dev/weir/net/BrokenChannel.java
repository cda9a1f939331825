package dev.weir.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;

import javax.net.ssl.SSLException;

/** What becomes of a channel on which something was thrown. Any thread may use it. */
public final class BrokenChannel {
    private static final Logger LOG = LoggerFactory.getLogger(BrokenChannel.class);

    private BrokenChannel() {}

    /**
     * Closes the channel. That a peer has gone is nobody's fault, and is only worth a line to those
     * who look for it; that it does not manage TLS is worth one to all; anything else is a mistake
     * in Weir, and must not pass unseen.
     *
     * @param whose whose connection it is, for the log
     */
    public static void close(ChannelHandlerContext context, Throwable cause, String whose) {
        if (cause instanceof IOException) {
            LOG.debug("{} {} is gone: {}", whose, context.channel(), cause.getMessage());
        } else if (cause instanceof DecoderException
                && cause.getCause() instanceof SSLException tls) {
            LOG.warn(
                    "{} {} is closed because TLS failed: {}",
                    whose,
                    context.channel(),
                    RootCause.text(tls));
        } else {
            LOG.error(
                    "{} {} is closed because of an error in Weir; please report it",
                    whose,
                    context.channel(),
                    cause);
        }
        context.close();
    }
}
