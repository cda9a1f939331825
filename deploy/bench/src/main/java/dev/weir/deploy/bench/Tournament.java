package dev.weir.deploy.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Runs a plan: row by row, warm-up, then rounds in turns. A failed round does not end it. */
final class Tournament {
    private static final int FAILURES_THAT_END_A_ROW = 2;

    /** A short taste of the row's own load, uncounted, when its habit is already warm. */
    private static final Duration TASTE = Duration.ofSeconds(1);

    private final Plan plan;
    private final Arena arena;
    private final Ways ways;
    private final Progress progress;

    Tournament(Plan plan, Arena arena, Ways ways, Progress progress) {
        this.plan = plan;
        this.arena = arena;
        this.ways = ways;
        this.progress = progress;
    }

    /** Returns what was found, row by row; rows without time left are told and left out. */
    List<RowResult> run() throws InterruptedException {
        long end = System.nanoTime() + plan.limit(arena).toNanos();
        List<RowResult> results = new ArrayList<>();
        for (int i = 0; i < plan.rows().size(); i++) {
            Row row = plan.rows().get(i);
            if (System.nanoTime() > end) {
                progress.line(row.name() + ": not run, for the time is up");
                continue;
            }
            if (plan.contenders(row).isEmpty()) {
                progress.line(row.name() + ": not run, for none of its contenders takes part");
                continue;
            }
            RowResult result =
                    run(row, "[" + (i + 1) + "/" + plan.rows().size() + "] " + row.name(), end);
            results.add(result);
            progress.line(Report.line(result));
        }
        return results;
    }

    private RowResult run(Row row, String label, long end) throws InterruptedException {
        RowResult result = new RowResult(row);
        progress.step(label + "  (" + row.about() + ")");
        for (Contender contender : plan.contenders(row)) {
            String remark = row.remark(contender, arena);
            if (remark != null) {
                result.remark(remark);
            }
            warmUp(row, contender, label, result);
        }
        Set<Contender> out = new HashSet<>();
        for (int round = 0; round < row.rounds(plan.rounds()); round++) {
            for (Contender contender : plan.turns(row, round)) {
                boolean late = System.nanoTime() > end;
                if (late) {
                    result.remark(row.name() + ": fewer rounds than planned, for the time is up");
                }
                if (!late && !out.contains(contender)) {
                    progress.detail(label + "  round " + (round + 1) + "  " + contender.label());
                    measure(row, contender, round, result);
                    if (result.failures(contender).size() >= FAILURES_THAT_END_A_ROW) {
                        out.add(contender);
                    }
                }
            }
        }
        return result;
    }

    private void warmUp(Row row, Contender contender, String label, RowResult result)
            throws InterruptedException {
        String habit = row.habit();
        if (habit == null) {
            return;
        }
        progress.detail(label + "  warming " + contender.label());
        try {
            Way way = ways.way(contender, setup(row));
            if (ways.isNew(contender, habit)) {
                row.warmUp(way, arena, plan.warmUp(contender));
            } else {
                row.measure(way, brief());
            }
        } catch (RoundFailure e) {
            failed(contender, result, e);
        }
    }

    private void measure(Row row, Contender contender, int round, RowResult result)
            throws InterruptedException {
        try {
            Way way =
                    row.habit() == null
                            ? new Way(contender, arena.postgres(), null, null)
                            : ways.way(contender, setup(row));
            Sample sample = row.measure(way, arena);
            if (!way.isAlive()) {
                throw new RoundFailure(contender.label() + " ended during the round");
            }
            result.add(contender, round, sample);
        } catch (RoundFailure e) {
            failed(contender, result, e);
        }
    }

    private void failed(Contender contender, RowResult result, RoundFailure failure)
            throws InterruptedException {
        if (ways.isOver()) {
            throw new InterruptedException("stopped");
        }
        result.failed(contender, String.valueOf(failure.getMessage()));
        progress.line(result.row().name() + ": " + contender.label() + ": " + failure.getMessage());
    }

    private ProxyLauncher.Setup setup(Row row) {
        return arena.setup().with(row.login());
    }

    private Arena brief() {
        return new Arena(
                arena.pgbench(),
                arena.scratch(),
                arena.postgres(),
                (int) Math.min(TASTE.toSeconds(), arena.seconds()),
                arena.shrink(),
                arena.proxies(),
                arena.setup(),
                arena.preparing(),
                arena.loginTimes());
    }
}
