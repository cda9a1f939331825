/** Where does this statement go? Brings together what it is, who is fresh and who is free. */
@NullMarked
package dev.weir.router;

import org.jspecify.annotations.NullMarked;
