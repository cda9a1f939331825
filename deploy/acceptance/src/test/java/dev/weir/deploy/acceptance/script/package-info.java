/** What does a client say step by step, and what is it told, by PostgreSQL and through Weir? */
package dev.weir.deploy.acceptance.script;
