/** What does somebody see who has just come? */
@NullMarked
package dev.weir.deploy.demo;

import org.jspecify.annotations.NullMarked;
