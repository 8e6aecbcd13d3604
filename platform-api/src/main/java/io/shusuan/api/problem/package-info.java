/**
 * One taxonomy of what can go wrong for a caller: each {@link io.shusuan.api.problem.ProblemKind} is a problem type of
 * RFC 9457, the label of a metric and a code in the portal.
 */
@NullMarked
package io.shusuan.api.problem;

import org.jspecify.annotations.NullMarked;
