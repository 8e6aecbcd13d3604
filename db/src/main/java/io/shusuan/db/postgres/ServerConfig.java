package io.shusuan.db.postgres;

import io.shusuan.db.postgres.PostgresSettings.Durability;
import java.nio.file.Path;

/** The server's postgresql.conf. A running server is adopted only when it was started with the same text. */
final class ServerConfig {
    private ServerConfig() {}

    static String text(PostgresSettings settings, PostgresHome home) {
        return """
                # Written by the platform at every start. Settings of your own belong in
                # %s
                listen_addresses = '127.0.0.1'
                port = %d
                unix_socket_directories = ''
                password_encryption = scram-sha-256
                max_connections = 100
                cluster_name = 'shusuan'
                timezone = 'UTC'

                # A commit that was answered is on disk.
                %s

                # A small machine with many small writes: WAL for some minutes of load between checkpoints, but
                # not more than a crash recovery replays in seconds. JIT only delays short statements.
                shared_buffers = 256MB
                work_mem = 8MB
                maintenance_work_mem = 64MB
                wal_buffers = 16MB
                min_wal_size = 256MB
                max_wal_size = 1GB
                checkpoint_timeout = 10min
                random_page_cost = 1.1
                jit = off
                autovacuum_naptime = 20s
                autovacuum_vacuum_scale_factor = 0.1
                autovacuum_analyze_scale_factor = 0.05

                logging_collector = on
                log_directory = %s
                log_filename = '%s%%Y%%m%%d-%%H%%M%%S.log'
                log_file_mode = 0600
                log_rotation_age = 1d
                log_rotation_size = %dkB
                log_line_prefix = '%%m [%%p] %%q%%u@%%d '
                log_timezone = 'UTC'
                log_checkpoints = off
                log_min_duration_statement = 2s
                log_parameter_max_length = 256
                log_parameter_max_length_on_error = 256

                include_if_exists = %s
                """.formatted(
                        home.localConfig(),
                        settings.port(),
                        durability(settings.durability()),
                        quoted(home.log()),
                        ServerLog.PREFIX,
                        ServerLog.FILE_KB,
                        quoted(home.localConfig()));
    }

    private static String durability(Durability durability) {
        var state = switch (durability) {
            case FULL -> "on";
            case NONE_FOR_TESTS -> "off";
        };
        return "fsync = %1$s\nsynchronous_commit = %1$s\nfull_page_writes = %1$s".formatted(state);
    }

    private static String quoted(Path path) {
        return "'" + path.toString().replace("'", "''") + "'";
    }
}
