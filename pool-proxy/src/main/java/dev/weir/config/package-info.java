/** What has the operator asked for? */
@NullMarked
package dev.weir.config;

import org.jspecify.annotations.NullMarked;
