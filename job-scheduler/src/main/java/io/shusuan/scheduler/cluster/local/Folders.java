package io.shusuan.scheduler.cluster.local;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists and deletes folders that others write into. */
final class Folders {

    /** Whoever still writes into a folder while it is deleted gets so many chances to come to an end. */
    private static final int DELETE_ROUNDS = 5;

    private Folders() {}

    /** The names in a folder; none if there is no such folder. */
    static List<String> names(Path folder) throws IOException {
        var names = new ArrayList<String>();
        try (var children = Files.newDirectoryStream(folder)) {
            children.forEach(child -> names.add(child.getFileName().toString()));
        } catch (NoSuchFileException | NotDirectoryException nothingThere) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    /** Makes a folder that no other user of this machine looks into: outputs and results may hold anything. */
    static void createPrivate(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }

    /** Deletes a folder and all in it; links are removed, never followed. */
    static void delete(Path folder) throws IOException {
        for (var round = 1; ; round++) {
            try {
                Files.walkFileTree(folder, new Deleting());
                return;
            } catch (NoSuchFileException alreadyGone) {
                if (Files.notExists(folder)) {
                    return;
                }
            } catch (DirectoryNotEmptyException stillWritten) {
                if (round == DELETE_ROUNDS) {
                    throw stillWritten;
                }
            }
        }
    }

    private static final class Deleting extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
            // A task may have closed its folders even to their owner.
            if (!Files.isWritable(folder) || !Files.isExecutable(folder)) {
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (!Files.isDirectory(file) || Files.isReadable(file)) {
                throw failure;
            }
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
            delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
        }
    }
}
