/** What do operators see, over HTTP? */
@NullMarked
package dev.weir.admin;

import org.jspecify.annotations.NullMarked;
