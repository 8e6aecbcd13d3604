package io.shusuan.db.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.util.Objects;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What Spring makes of it. */
class EmbeddedPostgresAutoConfigurationTest {
    @TempDir
    Path home;

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    EmbeddedPostgresAutoConfiguration.class,
                    DataSourceAutoConfiguration.class,
                    FlywayAutoConfiguration.class));

    @Test
    void theDataSourceIsTheEmbeddedServersAndEndsWithTheContext() {
        var port = TestServer.freePort();
        application
                .withPropertyValues(
                        "shusuan.home=" + home,
                        "shusuan.postgres.port=" + port,
                        "spring.datasource.hikari.maximum-pool-size=3")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    var database = JdbcClient.create(context.getBean(DataSource.class));
                    assertThat(database.sql("SHOW port").query(Integer.class).single())
                            .isEqualTo(port);
                    assertThat(context.getBean(HikariDataSource.class).getMaximumPoolSize())
                            .isEqualTo(3);
                    assertThat(database.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'flyway_schema_history'")
                                    .query(Integer.class)
                                    .single())
                            .as("Flyway ran on it")
                            .isEqualTo(1);
                });
        assertThat(PortHolder.isFree(port)).as("stopped with the context").isTrue();
    }

    @Test
    void anotherDatabaseLeavesTheHomeUntouched() {
        try (var other = TestDatabase.empty()) {
            application
                    .withPropertyValues(
                            "shusuan.home=" + home,
                            "spring.datasource.url=" + other.jdbcUrl(),
                            "spring.datasource.username=" + other.user(),
                            "spring.datasource.password=" + other.password())
                    .run(context -> {
                        assertThat(context).hasNotFailed().doesNotHaveBean(EmbeddedPostgres.class);
                        assertThat(home).isEmptyDirectory();
                    });
        }
    }

    @Test
    void anUnfitHomeIsExplainedInsteadOfAStackTrace() {
        application
                .withPropertyValues("shusuan.home=/dev/null", "shusuan.postgres.port=" + TestServer.freePort())
                .run(context -> {
                    var failure = Objects.requireNonNull(context.getStartupFailure());
                    var analysis = Objects.requireNonNull(new EmbeddedPostgresFailureAnalyzer().analyze(failure));
                    assertThat(analysis.getDescription()).contains("/dev/null/postgres");
                    assertThat(analysis.getAction()).contains("SHUSUAN_HOME");
                });
    }
}
