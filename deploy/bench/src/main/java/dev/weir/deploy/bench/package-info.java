/** What does Weir cost, and what does it bring, beside PgBouncer and PostgreSQL alone? */
@NullMarked
package dev.weir.deploy.bench;

import org.jspecify.annotations.NullMarked;
