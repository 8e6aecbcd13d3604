@NullMarked
package io.shusuan.agent.engine.session;

import org.jspecify.annotations.NullMarked;
