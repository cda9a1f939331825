/** May one more client come in, and its transaction begin? */
@NullMarked
package dev.weir.session.limit;

import org.jspecify.annotations.NullMarked;
