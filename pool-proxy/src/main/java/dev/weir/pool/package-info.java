/** Who gets a server connection, and when? */
@NullMarked
package dev.weir.pool;

import org.jspecify.annotations.NullMarked;
