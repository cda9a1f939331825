package dev.weir.admin;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/**
 * SHOW HELP: a notice, as in PgBouncer, for people.
 *
 * @param shows what can be shown
 */
record Help(Collection<String> shows) implements Command {
    private static final String ORDERS =
            """
            \tEXPLAIN ROUTE [ON database] statement   where it would go, and why
            \tSET key = value
            \tRELOAD
            \tPAUSE [database]         wait for transactions, close server connections, hold clients
            \tSUSPEND                  wait for transactions, keep server connections, hold clients
            \tRESUME [database]
            \tRECONNECT [database]     replace each server connection when it is free
            \tWAIT_CLOSE [database]    wait until those are replaced
            \tDISABLE database         take no new clients
            \tENABLE database
            \tKILL [database]          drop clients and server connections, and pause
            \tKILL_CLIENT id
            \tSWITCHOVER TO host:port [FORCE]   make a replica the primary
            \tSHUTDOWN [WAIT_FOR_SERVERS|WAIT_FOR_CLIENTS]\
            """;

    @Override
    public Access access() {
        return Access.LOOK;
    }

    @Override
    public Answer run(List<ConsoleText.Word> arguments, BooleanSupplier abandoned) {
        return Answer.done(
                "SHOW",
                "the console of Weir knows:\n\tSHOW "
                        + String.join("|", shows).toUpperCase(Locale.ROOT)
                        + "\n"
                        + ORDERS);
    }
}
