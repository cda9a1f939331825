/** What has a session changed that outlives its transaction, and how does it meet that again? */
@NullMarked
package dev.weir.session.state;

import org.jspecify.annotations.NullMarked;
