/**
 * Where does a statement go? {@link dev.weir.router.RoutedSession} is for applications that embed
 * this library; {@link dev.weir.router.Router} for those that have their own way to send
 * statements.
 *
 * <p>Nothing here is null unless it is marked {@link org.jspecify.annotations.Nullable}. Only
 * {@code RoutedSession} blocks.
 */
@NullMarked
package dev.weir.router;

import org.jspecify.annotations.NullMarked;
