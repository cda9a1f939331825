package dev.weir.app;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.text.MessageFormat;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;

/**
 * Leads what libraries log by the Java platform's own logger into Weir's log: warnings and worse.
 * The platform makes one when its logger is first used ({@code java.util.logging.config.class}).
 */
public final class PlatformLog {
    /** Called by the platform. */
    public PlatformLog() {
        java.util.logging.Logger root = LogManager.getLogManager().getLogger("");
        if (root != null) {
            root.setLevel(Level.WARNING);
            root.addHandler(new Bridge());
        }
    }

    private static final class Bridge extends Handler {
        @Override
        public void publish(LogRecord record) {
            String name = String.valueOf(record.getLoggerName());
            Logger logger = LoggerFactory.getLogger(name);
            String text = text(record);
            if (record.getLevel().intValue() >= Level.SEVERE.intValue()) {
                logger.error(text, record.getThrown());
            } else if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
                logger.warn(text, record.getThrown());
            }
        }

        private static String text(LogRecord record) {
            String text = String.valueOf(record.getMessage());
            Object[] parameters = record.getParameters();
            return parameters == null || parameters.length == 0
                    ? text
                    : MessageFormat.format(text, parameters);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
