package io.shusuan.agent.repository;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Waits until something in the repositories may have changed: at a file event where the file system gives them, at the latest when the
 * poll interval is over, which is all that helps on NFS. After an event it waits until the files rest, so that a model that is still
 * being copied is not loaded by halves.
 */
public final class RepositoryWatch implements AutoCloseable {
    private static final Logger log = System.getLogger(RepositoryWatch.class.getName());
    private static final Duration REST = Duration.ofMillis(200);

    private final List<Path> repositories;
    private final Duration interval;
    private final @Nullable WatchService events;

    public RepositoryWatch(List<Path> repositories, Duration interval) {
        this.repositories = List.copyOf(repositories);
        this.interval = interval;
        this.events = open();
    }

    private static @Nullable WatchService open() {
        try {
            return FileSystems.getDefault().newWatchService();
        } catch (IOException | UnsupportedOperationException none) {
            log.log(Level.INFO, "the repository is polled only, there are no file events: {0}", none.toString());
            return null;
        }
    }

    /** Returns when it is time to look. */
    public void await() throws InterruptedException {
        var watching = events;
        if (watching == null) {
            Thread.sleep(interval);
            return;
        }
        watchFolders(watching);
        var key = watching.poll(interval.toNanos(), TimeUnit.NANOSECONDS);
        while (key != null) {
            key.pollEvents();
            key.cancel();
            key = watching.poll(REST.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Events are per folder: the repositories, their models and their versions. A folder that vanished is the next look's business. */
    private void watchFolders(WatchService watching) {
        for (var repository : repositories) {
            try (Stream<Path> folders = Files.walk(repository, 2, FileVisitOption.FOLLOW_LINKS)) {
                for (var folder : folders.filter(Files::isDirectory).toList()) {
                    folder.register(watching, ENTRY_CREATE, ENTRY_DELETE, ENTRY_MODIFY);
                }
            } catch (IOException | UncheckedIOException unreadable) {
                log.log(Level.DEBUG, "{0} cannot be watched now: {1}", repository, unreadable.toString());
            }
        }
    }

    @Override
    public void close() {
        if (events != null) {
            try {
                events.close();
            } catch (IOException broken) {
                log.log(Level.DEBUG, "file events could not be closed: {0}", broken.toString());
            }
        }
    }
}
