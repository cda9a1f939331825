/** Who is there? The login conversations on both sides, without any I/O. */
@NullMarked
package dev.weir.auth;

import org.jspecify.annotations.NullMarked;
