/** What engines that share GPUs in this process agree on: who may take how much of their memory, and which GPUs are lost. */
@NullMarked
package io.shusuan.agent.backend.gpu;

import org.jspecify.annotations.NullMarked;
