/** Which servers are there? Names and positions, no I/O. */
@NullMarked
package dev.weir.topology;

import org.jspecify.annotations.NullMarked;
