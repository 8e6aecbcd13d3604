/**
 * Coverage-guided fuzzing of everything that comes from outside. Each target sends what the fuzzer makes to a whole agent over loopback, and
 * fails when the answer is none, comes too late, has no code or the wrong one, when the log speaks of a fault or when a buffer is lost. The
 * tests run every target for seconds, {@code ./shusuan fuzz} as long as it is told; what they found lies among the seeds.
 */
@NullMarked
package io.shusuan.agent.fuzz;

import org.jspecify.annotations.NullMarked;
