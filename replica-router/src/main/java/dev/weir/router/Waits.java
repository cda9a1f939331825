package dev.weir.router;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** All reads that wait for a server's position. Any thread may use it. */
final class Waits {
    private final Membership membership;
    private final Queue<Wait> open = new ConcurrentLinkedQueue<>();

    Waits(Membership membership) {
        this.membership = membership;
    }

    void add(Wait wait) {
        open.add(wait);
        membership.hurry(true);
    }

    /** A server has told something new. */
    void look() {
        if (!open.isEmpty()) {
            open.forEach(Wait::look);
            open.removeIf(Wait::over);
            Wait first = open.peek();
            if (first != null && first.old()) {
                membership.primary().nudge();
            }
        }
        // Also if it was so before: one may have ended between its entry and the hurry for it.
        if (open.isEmpty()) {
            membership.hurry(false);
            if (!open.isEmpty()) {
                // One came in between, and must not be left to the slow pace.
                membership.hurry(true);
            }
        }
    }

    void close() {
        open.forEach(Wait::expire);
        open.clear();
    }
}
