package dev.weir.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.spi.ContextAwareBase;

import java.io.PrintStream;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;

/**
 * The log of the program: one line to standard error per event, with the time in UTC, the level and
 * the text.
 *
 * <p>Logback finds this class by itself, but it does nothing where Weir is only embedded: there the
 * log is the host program's. Nor where {@code -Dlogback.configurationFile} asks for more.
 *
 * <p>Perf: in code, as reading an XML file or compiling a pattern would be a third of the start.
 */
public final class ConsoleLog extends ContextAwareBase implements Configurator {
    private static volatile boolean wanted;

    /** From now on Logback, when first used, logs this way. */
    static void use() {
        wanted = System.getProperty("logback.configurationFile") == null;
    }

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (!wanted) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        Lines lines = new Lines();
        lines.setContext(context);
        lines.start();
        ch.qos.logback.classic.Logger root = context.getLogger("ROOT");
        root.setLevel(Level.INFO);
        root.addAppender(lines);
        // Its pools come and go with the look-up of passwords; that is nothing to tell.
        // Weir tells itself who is away; the pool tells it again, with a stack trace.
        context.getLogger("com.zaxxer.hikari").setLevel(Level.ERROR);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static final class Lines extends AppenderBase<ILoggingEvent> {
        private static final int LEVEL_WIDTH = 5;

        private final PrintStream err = System.err;

        @Override
        protected void append(ILoggingEvent event) {
            err.print(line(event));
        }
    }

    static String line(ILoggingEvent event) {
        StringBuilder out = new StringBuilder(128);
        long millis = event.getTimeStamp();
        String seconds =
                LocalDateTime.ofEpochSecond(Math.floorDiv(millis, 1000L), 0, ZoneOffset.UTC)
                        .toString();
        out.append(seconds);
        if (seconds.length() == "2000-01-01T00:00".length()) {
            out.append(":00");
        }
        String fraction = Long.toString(1000 + Math.floorMod(millis, 1000L));
        out.append('.').append(fraction, 1, fraction.length()).append("Z ");
        String level = event.getLevel().toString();
        out.append(level).repeat(' ', Lines.LEVEL_WIDTH - level.length() + 1);
        appendVisible(out, event.getFormattedMessage());
        out.append(System.lineSeparator());
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            out.append(ThrowableProxyUtil.asString(thrown));
        }
        return out.toString();
    }

    /** A name that a client has sent must not look like another line of the log, or worse. */
    private static void appendVisible(StringBuilder out, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                out.append("\\x").append(HexFormat.of().toHexDigits((byte) c));
            } else {
                out.append(c);
            }
        }
    }
}
