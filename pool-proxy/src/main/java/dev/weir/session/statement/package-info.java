/** What does the name of a prepared statement stand for, on whatever server connection? */
@NullMarked
package dev.weir.session.statement;

import org.jspecify.annotations.NullMarked;
