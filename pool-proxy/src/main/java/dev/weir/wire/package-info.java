/** What do the bytes of PostgreSQL's protocol mean? Framing and vocabulary, no I/O. */
@NullMarked
package dev.weir.wire;

import org.jspecify.annotations.NullMarked;
