/** Who may call what: tokens for everything, headers for groups of calls, and keys for the connection itself. */
@NullMarked
package io.shusuan.agent.protocol.access;

import org.jspecify.annotations.NullMarked;
