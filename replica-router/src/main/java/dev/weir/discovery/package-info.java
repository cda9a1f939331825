/** Which servers are there that nobody has listed? Asks the primary, its standbys, and DNS. */
@NullMarked
package dev.weir.discovery;

import org.jspecify.annotations.NullMarked;
