/** How do the parts come together, and what can be typed? */
@NullMarked
package dev.weir.app;

import org.jspecify.annotations.NullMarked;
