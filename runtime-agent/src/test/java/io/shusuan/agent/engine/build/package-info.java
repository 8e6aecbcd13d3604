/** Tests of the cache of engines, and of what follows from a model's inputs. */
@NullMarked
package io.shusuan.agent.engine.build;

import org.jspecify.annotations.NullMarked;
