/** May a statement leave the primary? What its words and the catalog tell, without I/O. */
@NullMarked
package dev.weir.classify;

import org.jspecify.annotations.NullMarked;
