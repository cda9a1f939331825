package dev.weir.net;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.io.IOException;

import javax.net.ssl.SSLHandshakeException;

/** What is said of a channel on which something was thrown. */
class BrokenChannelTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(BrokenChannel.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(log);
    }

    private void fail(Throwable cause) {
        EmbeddedChannel channel =
                new EmbeddedChannel(
                        new ChannelInboundHandlerAdapter() {
                            @Override
                            public void exceptionCaught(
                                    ChannelHandlerContext context, Throwable thrown) {
                                BrokenChannel.close(context, thrown, "client connection");
                            }
                        });
        channel.pipeline().fireExceptionCaught(cause);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aPeerThatIsGoneIsNotWorthALine() {
        fail(new IOException("Connection reset by peer"));
        assertThat(log.list).noneMatch(event -> event.getLevel().isGreaterOrEqual(Level.INFO));
    }

    @Test
    void aPeerThatDoesNotManageTlsIsWorthALineWithTheReason() {
        SSLHandshakeException failure = new SSLHandshakeException("General problem");
        failure.initCause(new IllegalArgumentException("no certificate"));
        fail(new DecoderException(failure));
        assertThat(log.list)
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.getLevel()).isEqualTo(Level.WARN);
                    assertThat(event.getThrowableProxy()).isNull();
                    assertThat(event.getFormattedMessage()).endsWith("TLS failed: no certificate");
                });
    }

    @Test
    void aMistakeInWeirIsShownWithAllThatIsKnown() {
        fail(new IllegalStateException("a bug"));
        assertThat(log.list)
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.getLevel()).isEqualTo(Level.ERROR);
                    assertThat(event.getThrowableProxy()).isNotNull();
                });
    }
}
