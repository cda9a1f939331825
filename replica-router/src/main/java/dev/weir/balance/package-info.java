/** Which of those that may answer a read does: who is alive, and has least to do? */
@NullMarked
package dev.weir.balance;

import org.jspecify.annotations.NullMarked;
