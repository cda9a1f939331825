/** Who is the primary, and how does another node become it? */
@NullMarked
package dev.weir.failover;

import org.jspecify.annotations.NullMarked;
