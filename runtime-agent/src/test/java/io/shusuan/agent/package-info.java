/** Tests against a real server on free ports, with real models and real clients. */
@NullMarked
package io.shusuan.agent;

import org.jspecify.annotations.NullMarked;
