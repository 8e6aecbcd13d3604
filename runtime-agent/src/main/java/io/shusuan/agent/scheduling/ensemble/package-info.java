/**
 * Models made of other models. A request for an ensemble becomes requests for its members, each sent as soon as its tensors are there;
 * what passes between them is passed by reference. {@code DESIGN.md} beside this file tells who owns a tensor on its way.
 */
@NullMarked
package io.shusuan.agent.scheduling.ensemble;

import org.jspecify.annotations.NullMarked;
