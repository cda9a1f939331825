/** What does one PostgreSQL connection know and do? */
@NullMarked
package dev.weir.server;

import org.jspecify.annotations.NullMarked;
