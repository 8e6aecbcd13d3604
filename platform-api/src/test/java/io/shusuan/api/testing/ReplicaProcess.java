package io.shusuan.api.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shusuan.db.postgres.TestDatabase;
import io.shusuan.scheduler.idle.IdleLoop;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Scanner;
import java.util.stream.Stream;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** A replica of the platform in a JVM of its own, so that it can be killed. Looks after idle GPUs at once when it is told to. */
public final class ReplicaProcess implements AutoCloseable {

    private static final String LISTENS = "listens at ";
    private static final String LOOKED = "looked";

    private final Process process;
    private final BufferedReader output;
    private final int port;

    private ReplicaProcess(Process process) throws IOException {
        this.process = process;
        this.output = process.inputReader(UTF_8);
        this.port = Integer.parseInt(await(LISTENS));
    }

    /** What every replica of one platform is told. */
    public static String[] settings(TestDatabase database, Path home, int gpus) {
        return new String[] {
            "--spring.datasource.url=" + database.jdbcUrl(),
            "--spring.datasource.username=" + database.user(),
            "--spring.datasource.password=" + database.password(),
            "--spring.flyway.enabled=false",
            "--server.port=0",
            "--shusuan.cluster=local",
            "--shusuan.home=" + home,
            "--shusuan.local.gpus=" + gpus
        };
    }

    public static ReplicaProcess start(String... settings) throws IOException {
        var command = Stream.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                ReplicaProcess.class.getName());
        return new ReplicaProcess(
                new ProcessBuilder(Stream.concat(command, Stream.of(settings)).toList())
                        .redirectErrorStream(true)
                        .start());
    }

    /** In this JVM. */
    public static ConfigurableApplicationContext startHere(String... settings) {
        return new SpringApplicationBuilder(TestPlatform.class).run(settings);
    }

    public static int port(ConfigurableApplicationContext replica) {
        return Objects.requireNonNull(((WebServerApplicationContext) replica).getWebServer())
                .getPort();
    }

    public int port() {
        return port;
    }

    /** Has it look after idle GPUs, as it does from time to time, and waits until it has. */
    public void looksAfterIdleGpus() throws IOException {
        process.outputWriter(UTF_8).append('\n').flush();
        await(LOOKED);
    }

    private String await(String said) throws IOException {
        for (var line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(said)) {
                return line.substring(said.length());
            }
        }
        throw new IOException("it ended before it said '%s'".formatted(said));
    }

    /** Kills it, and waits for its end. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    static void main(String[] settings) {
        var replica = startHere(settings);
        IO.println(LISTENS + port(replica));
        var looks = new Scanner(System.in, UTF_8);
        while (looks.hasNextLine()) {
            looks.nextLine();
            replica.getBean(IdleLoop.class).run();
            IO.println(LOOKED);
        }
    }
}
