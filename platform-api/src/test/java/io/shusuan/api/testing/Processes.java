package io.shusuan.api.testing;

import java.nio.file.Path;

/** Tasks outlive the platform on purpose, so a test run ends its own. */
final class Processes {

    private Processes() {}

    static void killBelow(Path home) {
        ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .map(line -> line.contains(home.toString()))
                        .orElse(false))
                .forEach(process -> {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                });
    }
}
