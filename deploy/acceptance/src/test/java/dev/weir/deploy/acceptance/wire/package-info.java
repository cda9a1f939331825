/** How does a test speak to PostgreSQL, or to what stands before it, message by message? */
package dev.weir.deploy.acceptance.wire;
