/** What are the words of a statement? PostgreSQL's lexical rules, no grammar, no I/O. */
@NullMarked
package dev.weir.sql;

import org.jspecify.annotations.NullMarked;
