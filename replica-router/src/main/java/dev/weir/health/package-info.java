/** Who is alive, what is it, and how far has it come? Asks the servers. */
@NullMarked
package dev.weir.health;

import org.jspecify.annotations.NullMarked;
