/** What the server writes to its log, and how: set at the start and changed while it runs. */
@NullMarked
package io.shusuan.agent.log;

import org.jspecify.annotations.NullMarked;
