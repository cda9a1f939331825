package dev.weir.admin;

import dev.weir.wire.SqlState;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A SHOW: a table as it is at this moment.
 *
 * @param access what a user has to be
 * @param columns of the table
 * @param rows looked up at each call
 */
record Show(Access access, List<Column> columns, Supplier<List<Row>> rows) implements Command {
    Show(List<Column> columns, Supplier<List<Row>> rows) {
        this(Access.LOOK, columns, rows);
    }

    @Override
    public Answer run(List<ConsoleText.Word> arguments, BooleanSupplier abandoned)
            throws ConsoleException {
        if (!arguments.isEmpty()) {
            throw new ConsoleException(
                    SqlState.SYNTAX_ERROR,
                    "nothing is expected behind this, and there is \"%s\""
                            .formatted(arguments.getFirst().text()));
        }
        return Answer.rows(rows.get());
    }
}
