/** What does the server still owe to the client, and which of its bytes are whose? */
@NullMarked
package dev.weir.session.reply;

import org.jspecify.annotations.NullMarked;
