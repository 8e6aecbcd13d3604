package io.shusuan.db.postgres;

import java.nio.file.Path;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/**
 * Without {@code spring.datasource.url} the data source is the embedded server's.
 *
 * <p>Spring Boot makes the pool itself, from the connection details given here, so that {@code
 * spring.datasource.hikari.*} holds for either database. The pool depends on the details and these on the server:
 * it runs before Flyway asks for a connection, and stops after the pool is closed.
 */
@AutoConfiguration(before = DataSourceAutoConfiguration.class)
@Conditional(EmbeddedPostgresAutoConfiguration.NoOtherDatabase.class)
@ConditionalOnMissingBean({DataSource.class, JdbcConnectionDetails.class})
public final class EmbeddedPostgresAutoConfiguration {
    @Bean(destroyMethod = "close")
    EmbeddedPostgres embeddedPostgres(
            @Value("${shusuan.home:${user.home}/.shusuan}") String home,
            @Value("${shusuan.postgres.port:15432}") int port) {
        return EmbeddedPostgres.open(new PostgresSettings(Path.of(home), port));
    }

    @Bean
    JdbcConnectionDetails embeddedPostgresConnectionDetails(EmbeddedPostgres postgres) {
        return new ConnectionDetails(postgres.user(), postgres.password(), postgres.jdbcUrl());
    }

    private record ConnectionDetails(String getUsername, String getPassword, String getJdbcUrl)
            implements JdbcConnectionDetails {
        @Override
        public String toString() {
            return getJdbcUrl;
        }
    }

    /** An empty value, as a template of a deployment may leave it, is none. */
    static final class NoOtherDatabase extends SpringBootCondition {
        @Override
        public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
            var message = ConditionMessage.forCondition("Embedded PostgreSQL");
            for (var property : new String[] {"spring.datasource.url", "spring.datasource.jndi-name"}) {
                if (StringUtils.hasText(context.getEnvironment().getProperty(property))) {
                    return ConditionOutcome.noMatch(message.because(property + " names another database"));
                }
            }
            return ConditionOutcome.match(message.because("no other database is named"));
        }
    }
}
