/** What happens to one client, from its first packet to its goodbye? */
@NullMarked
package dev.weir.session;

import org.jspecify.annotations.NullMarked;
