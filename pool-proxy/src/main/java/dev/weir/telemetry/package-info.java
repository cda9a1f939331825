/** What has happened, in numbers? */
@NullMarked
package dev.weir.telemetry;

import org.jspecify.annotations.NullMarked;
