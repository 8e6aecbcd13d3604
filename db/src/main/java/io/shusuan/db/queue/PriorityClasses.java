package io.shusuan.db.queue;

import java.sql.Types;
import java.util.List;
import java.util.OptionalInt;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The priority classes there are, and the jobs that are of them. */
@Repository
public class PriorityClasses {

    private static final String ACTIVE =
            "state in ('QUEUED', 'ADMITTED', 'STARTING', 'RUNNING', 'STOPPING', 'SUSPENDED')";

    private final JdbcClient jdbc;

    PriorityClasses(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * A class, and how many jobs are of it.
     *
     * @param holding how many have resources
     */
    public record Used(PriorityClass priority, long waiting, long holding) {}

    /** The most urgent first. */
    public List<Used> all() {
        return jdbc.sql("""
                        select c.name, c.value, c.description, count(*) filter (where j.state in ('QUEUED', 'SUSPENDED')) as waiting,
                               count(*) filter (where j.state not in ('QUEUED', 'SUSPENDED')) as holding
                          from priority_classes c left join jobs j on j.priority_class = c.name and j.%s
                         group by c.name order by c.value desc, c.name""".formatted(ACTIVE))
                .query((row, number) -> new Used(
                        new PriorityClass(
                                new PriorityClassName(row.getString("name")),
                                row.getInt("value"),
                                row.getString("description")),
                        row.getLong("waiting"),
                        row.getLong("holding")))
                .list();
    }

    /**
     * What a class is worth, for a job that is about to be stored in the same transaction: until that ends nobody changes or
     * removes the class, so that no job keeps a value which is not its class's.
     */
    public OptionalInt value(PriorityClassName name) {
        return jdbc
                .sql("select value from priority_classes where name = :name for share")
                .param("name", name.value())
                .query(Integer.class)
                .stream()
                .mapToInt(value -> value)
                .findFirst();
    }

    /** Makes a class, or gives it another value; whoever waits for a class to be stored or removed has done so then. */
    public void put(PriorityClass priority) {
        jdbc.sql("""
                        insert into priority_classes (name, value, description) values (:name, :value, :description)
                        on conflict (name) do update set value = excluded.value, description = excluded.description""")
                .param("name", priority.name().value())
                .param("value", priority.value())
                .param("description", priority.description(), Types.VARCHAR)
                .update();
    }

    /**
     * Gives the active jobs of a class its value; theirs is another place in the line then. They are locked in the order of their ids, as by
     * everybody who writes several.
     */
    public int rank(PriorityClass priority) {
        return jdbc.sql("""
                        with line as (
                            select id from jobs where priority_class = :name and priority <> :value and %s
                             order by id for no key update)
                        update jobs j set priority = :value, version = j.version + 1 from line where j.id = line.id""".formatted(ACTIVE))
                .param("name", priority.name().value())
                .param("value", priority.value())
                .update();
    }

    /** Keeps everybody from storing jobs of a class until this transaction ends; false, if there is none. */
    public boolean lock(PriorityClassName name) {
        return jdbc.sql("select true from priority_classes where name = :name for update")
                .param("name", name.value())
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    public void delete(PriorityClassName name) {
        jdbc.sql("delete from priority_classes where name = :name")
                .param("name", name.value())
                .update();
    }
}
