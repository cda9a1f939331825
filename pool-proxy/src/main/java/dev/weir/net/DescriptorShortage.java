package dev.weir.net;

import io.netty.channel.unix.Errors;

/** The kernel's refusal to open another file. Any thread may use it. */
public final class DescriptorShortage {
    /** ENFILE, of the whole system, and EMFILE, of the process; the same on all of Linux. */
    private static final int OF_SYSTEM = 23;

    private static final int OF_PROCESS = 24;

    /** How the JDK puts it, which keeps no number. */
    private static final String SENTENCE = "Too many open files";

    private DescriptorShortage() {}

    /** Whether something has failed for that, whatever it is wrapped in. */
    public static boolean isReason(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof Errors.NativeIoException numbered) {
                int number = Math.abs(numbered.expectedErr());
                return number == OF_PROCESS || number == OF_SYSTEM;
            }
            String message = at.getMessage();
            if (message != null && message.contains(SENTENCE)) {
                return true;
            }
        }
        return false;
    }
}
