/** Who is fresh enough? The WAL position is the clock. No I/O. */
@NullMarked
package dev.weir.freshness;

import org.jspecify.annotations.NullMarked;
