@NullMarked
package io.shusuan.agent.scheduling;

import org.jspecify.annotations.NullMarked;
