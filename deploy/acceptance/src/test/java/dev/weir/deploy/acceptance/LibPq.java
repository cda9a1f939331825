package dev.weir.deploy.acceptance;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.weir.deploy.local.PostgresInstallation;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The libpq that comes with the tests' PostgreSQL, called in this process. */
@SuppressWarnings("restricted") // it is all about native code
final class LibPq {
    private static final int TUPLES_OK = 2;
    private static final int PIPELINE_SYNC = 10;

    /**
     * What came of a connection.
     *
     * @param connected whether there was one; {@code said} holds the reason if not
     * @param said the values that came back, or one message
     */
    record Outcome(boolean connected, boolean encrypted, List<String> said) {}

    private final SymbolLookup library;

    private LibPq(SymbolLookup library) {
        this.library = library;
    }

    /** The folder that it is in. */
    static Path folder() {
        return PostgresInstallation.fromClassPath().home().resolve("lib");
    }

    static LibPq load() {
        return new LibPq(
                SymbolLookup.libraryLookup(folder().resolve("libpq.so.5"), Arena.global()));
    }

    private Object call(String name, FunctionDescriptor shape, Object... arguments) {
        MethodHandle handle =
                Linker.nativeLinker().downcallHandle(library.findOrThrow(name), shape);
        try {
            return handle.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new AssertionError(name, e);
        }
    }

    private int integer(String name, MemorySegment of) {
        return (int) call(name, FunctionDescriptor.of(JAVA_INT, ADDRESS), of);
    }

    private MemorySegment pointer(String name, MemorySegment of) {
        return (MemorySegment) call(name, FunctionDescriptor.of(ADDRESS, ADDRESS), of);
    }

    private void call(String name, MemorySegment of) {
        call(name, FunctionDescriptor.ofVoid(ADDRESS), of);
    }

    private static String text(MemorySegment pointer) {
        return pointer.reinterpret(Long.MAX_VALUE).getString(0);
    }

    /**
     * Connects, and sends all statements, with a Sync behind each but the first, before it reads.
     *
     * @param conninfo in libpq's form, {@code host=... port=...}
     */
    Outcome pipeline(String conninfo, List<String> statements) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment connection = pointer("PQconnectdb", arena.allocateFrom(conninfo));
            try {
                if (integer("PQstatus", connection) != 0) {
                    return failed(connection);
                }
                boolean encrypted = integer("PQsslInUse", connection) != 0;
                boolean sent = integer("PQenterPipelineMode", connection) == 1;
                for (int i = 0; i < statements.size(); i++) {
                    sent &= send(connection, arena.allocateFrom(statements.get(i)));
                    sent &= i == 0 || integer("PQpipelineSync", connection) == 1;
                }
                return sent
                        ? new Outcome(true, encrypted, answers(connection, statements.size() - 1))
                        : failed(connection);
            } finally {
                call("PQfinish", connection);
            }
        }
    }

    private Outcome failed(MemorySegment connection) {
        return new Outcome(false, false, List.of(text(pointer("PQerrorMessage", connection))));
    }

    private boolean send(MemorySegment connection, MemorySegment statement) {
        MemoryLayout[] shape = {
            ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT
        };
        MemorySegment none = MemorySegment.NULL;
        Object sent =
                call(
                        "PQsendQueryParams",
                        FunctionDescriptor.of(JAVA_INT, shape),
                        connection,
                        statement,
                        0,
                        none,
                        none,
                        none,
                        none,
                        0);
        return (int) sent == 1;
    }

    /** What each statement returned, until the last Sync is answered. */
    private List<String> answers(MemorySegment connection, int syncs) {
        List<String> answers = new ArrayList<>();
        int left = syncs;
        boolean nothing = false;
        while (left > 0) {
            MemorySegment result = pointer("PQgetResult", connection);
            if (result.equals(MemorySegment.NULL)) {
                if (nothing) {
                    answers.add("no more: " + text(pointer("PQerrorMessage", connection)));
                    return answers;
                }
                nothing = true;
                continue;
            }
            nothing = false;
            int status = integer("PQresultStatus", result);
            if (status == PIPELINE_SYNC) {
                left--;
            } else {
                answers.add(status == TUPLES_OK ? value(result) : "status " + status);
            }
            call("PQclear", result);
        }
        return answers;
    }

    private String value(MemorySegment result) {
        return text(
                (MemorySegment)
                        call(
                                "PQgetvalue",
                                FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT, JAVA_INT),
                                result,
                                0,
                                0));
    }
}
