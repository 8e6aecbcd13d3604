package io.shusuan.agent.node;

import java.util.Optional;

/**
 * Whose a process is, as far as the machine tells.
 *
 * @param command the program's name
 * @param job the platform's job, from the process's environment, where that may be read
 * @param pod the uid of the Kubernetes pod it is in
 * @param container the id of its container
 */
public record ProcessOwner(
        Optional<String> command, Optional<String> job, Optional<String> pod, Optional<String> container) {}
