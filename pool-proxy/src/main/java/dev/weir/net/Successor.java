package dev.weir.net;

import io.netty.channel.Channel;
import io.netty.channel.unix.UnixChannel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/**
 * Leaves a port to the process that listens on it too, without losing a client.
 *
 * <p>The kernel deals new connections out among all sockets of the port, and resets those that
 * nobody has accepted yet when their socket is closed. So it is first told to give all to the other
 * one, by a program of one instruction (SO_ATTACH_REUSEPORT_CBPF); what has come here before is
 * accepted, and only then the socket closed.
 */
final class Successor {
    private static final Logger LOG = LoggerFactory.getLogger(Successor.class);

    private static final int SOL_SOCKET = 1;
    private static final int SO_ATTACH_REUSEPORT_CBPF = 51;

    /** BPF_RET | BPF_K: the result is the constant. */
    private static final short RETURN_CONSTANT = 0x06;

    /** Sockets are numbered in the order in which they came; who leaves is the first. */
    private static final int SECOND_SOCKET = 1;

    private static final int INSTRUCTION_BYTES = 8;
    private static final int PROGRAM_BYTES = 16;

    /** How long handshakes under way may take: a round trip to a client that is far away. */
    private static final long GRACE_MILLIS = 500;

    private Successor() {}

    /** Returns when nothing comes to {@code listener} any more. Not on a loop. */
    static void leave(Channel listener) {
        try {
            if (listener instanceof UnixChannel unix && prefer(unix.fd().intValue())) {
                TimeUnit.MILLISECONDS.sleep(GRACE_MILLIS);
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (Throwable e) {
            LOG.debug("the kernel was not told to prefer the other process", e);
        }
        LOG.warn(
                "new connections cannot be led to the other process alone: the transport or the"
                        + " kernel has no means; a few may be reset");
    }

    private static boolean prefer(int descriptor) throws Throwable {
        Linker linker = Linker.nativeLinker();
        MemorySegment function = linker.defaultLookup().find("setsockopt").orElse(null);
        if (function == null) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment instruction = arena.allocate(INSTRUCTION_BYTES, Long.BYTES);
            instruction.set(ValueLayout.JAVA_SHORT, 0, RETURN_CONSTANT);
            instruction.set(ValueLayout.JAVA_INT, Integer.BYTES, SECOND_SOCKET);
            MemorySegment program = arena.allocate(PROGRAM_BYTES, Long.BYTES);
            program.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
            program.set(ValueLayout.ADDRESS, Long.BYTES, instruction);
            int result =
                    (int)
                            linker.downcallHandle(
                                            function,
                                            FunctionDescriptor.of(
                                                    ValueLayout.JAVA_INT,
                                                    ValueLayout.JAVA_INT,
                                                    ValueLayout.JAVA_INT,
                                                    ValueLayout.JAVA_INT,
                                                    ValueLayout.ADDRESS,
                                                    ValueLayout.JAVA_INT))
                                    .invokeExact(
                                            descriptor,
                                            SOL_SOCKET,
                                            SO_ATTACH_REUSEPORT_CBPF,
                                            program,
                                            PROGRAM_BYTES);
            return result == 0;
        }
    }
}
