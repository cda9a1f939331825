/** Which threads and kernel interfaces move the bytes? */
@NullMarked
package dev.weir.net;

import org.jspecify.annotations.NullMarked;
