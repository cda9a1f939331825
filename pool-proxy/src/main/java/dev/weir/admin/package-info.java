/** What do operators see, and what can they order, over HTTP and at the console? */
@NullMarked
package dev.weir.admin;

import org.jspecify.annotations.NullMarked;
