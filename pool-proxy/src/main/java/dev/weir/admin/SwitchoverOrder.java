package dev.weir.admin;

import dev.weir.failover.Switchover;
import dev.weir.failover.SwitchoverException;
import dev.weir.session.Switchovers;
import dev.weir.wire.SqlState;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * SWITCHOVER TO node [FORCE]: another node becomes the primary.
 *
 * @param switchovers who carries it out
 */
record SwitchoverOrder(Switchovers switchovers) implements Command {
    private static final Logger LOG = LoggerFactory.getLogger(SwitchoverOrder.class);
    private static final int WITH_FORCE = 3;

    @Override
    public Access access() {
        return Access.ORDER;
    }

    @Override
    public List<Column> columns() {
        return Column.list("sq", "step", "ms");
    }

    @Override
    public Answer run(List<ConsoleText.Word> arguments, BooleanSupplier abandoned)
            throws ConsoleException {
        boolean force =
                arguments.size() == WITH_FORCE && arguments.getLast().lower().equals("force");
        if (arguments.size() != (force ? WITH_FORCE : 2)
                || !arguments.getFirst().lower().equals("to")) {
            throw new ConsoleException(
                    SqlState.SYNTAX_ERROR,
                    "expected SWITCHOVER TO host:port, and perhaps FORCE",
                    "SHOW PLACES lists the nodes.");
        }
        String node = arguments.get(1).text();
        LOG.info("SWITCHOVER TO {} ordered at the console", node);
        try {
            List<Row> rows = new ArrayList<>();
            for (Switchover.Step step : switchovers.run(node, force)) {
                rows.add(Row.of(step.what(), step.millis()));
            }
            return new Answer(rows, "SWITCHOVER", null);
        } catch (SwitchoverException e) {
            LOG.error("the switchover to {} has failed: {}", node, e.sentence());
            throw new ConsoleException(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, e.sentence());
        }
    }
}
