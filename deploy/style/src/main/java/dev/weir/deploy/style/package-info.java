/** Is every source file laid out the same way? */
@NullMarked
package dev.weir.deploy.style;

import org.jspecify.annotations.NullMarked;
