/**
 * The models of this process: which folders hold them, which versions the policy chooses, which are loaded, and what became
 * of those that are not. A version is served from the moment all its instances exist until its last request has been answered.
 */
@NullMarked
package io.shusuan.agent.repository;

import org.jspecify.annotations.NullMarked;
