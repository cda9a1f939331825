/**
 * What servers run on this machine for a demo or a test? Real ones, without Docker, that leave no
 * process and no file behind.
 */
@NullMarked
package dev.weir.deploy.local;

import org.jspecify.annotations.NullMarked;
